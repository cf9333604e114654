import type { Store } from "../../adapters/store.ts";
import type { EngineEvent } from "../../protocol/engine-event.ts";

/** Reads and writes the tables. */
export interface StoreAccess {
  readonly store: Store;
}

/** Tells the time. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** Waits for a given time. */
export interface Pauses {
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
}

/** Draws random numbers. */
export interface Chance {
  /** Uniform in [0, 1). */
  random(): number;
}

/** Draws secrets. */
export interface Secrets {
  /** 128 random bits, as text. */
  newSecret(): string;
}

/** Writes to the log. */
export interface Log {
  log(event: string, fields: Record<string, unknown>): void;
}

/** Invokes engines. */
export interface EngineStarter {
  /** Starts an engine's invocation, and resolves once Lambda has accepted it. */
  startEngine(functionName: string, event: EngineEvent): Promise<void>;
}

/** Enables and disables the one-minute rule. */
export interface SweepSwitch {
  /** Both calls reject if they may have failed, for example when EventBridge throttles. */
  readonly sweepRule: { enable(): Promise<void>; disable(): Promise<void> };
}

/**
 * The scheduler's access to the outside world. Time, randomness and ids are included, so that a simulation can supply
 * its own.
 */
export interface SchedulerPorts extends StoreAccess, Clock, Pauses, Chance, Secrets, Log, EngineStarter, SweepSwitch {}
