import type { Connection } from "../../client/connection/connection.ts";

/**
 * Injects one fault, and undoes it unless the product must repair it. Returns false if there was nothing to attack, such
 * as a busy engine.
 */
export type Fault = () => Promise<boolean>;

/** A cloud under attack. */
export interface ChaosCloud {
  /** The current connection. Its addresses and credentials may change when the cloud is restarted. */
  connection(): Connection;
  /** How long the cluster may take to come to rest after the last fault, in milliseconds. */
  restMs: number;
  /** The cloud's own faults, by name. */
  faults: Readonly<Record<string, Fault>>;
  /** Calls back whenever the cloud was restarted: clients must connect again. */
  onRestart(restarted: () => void): void;
  /** Returns what is wrong with the tables once the sweep has cleaned up, as far as they can be read. */
  oddRows(): Promise<string[]>;
  close(): Promise<void>;
}
