import type { Connection } from "../../client/connection/connection.ts";

/**
 * Injects one fault, and undoes it unless fantail itself must recover from it. Resolves to false if there was no target,
 * for example no busy engine.
 */
export type Fault = () => Promise<boolean>;

/** A cloud under attack. */
export interface ChaosCloud {
  /** The current connection. Addresses and credentials may change when the cloud restarts. */
  connection(): Connection;
  /** Maximum time from the last fault until the cluster is idle, in milliseconds. */
  restMs: number;
  /** The faults that this cloud supports, by name. */
  faults: Readonly<Record<string, Fault>>;
  /** Sets a callback for restarts of the cloud, after which clients must reconnect. */
  onRestart(restarted: () => void): void;
  /** Returns inconsistencies in the tables after the sweep has cleaned up, as far as the tables can be read. */
  oddRows(): Promise<string[]>;
  close(): Promise<void>;
}
