import type { EngineReply } from "../../adapters/lambda-starter.ts";
import type { Store } from "../../adapters/store.ts";
import type { EngineEvent } from "../../protocol/engine-event.ts";
import type { LogEvent, LogFields } from "../../protocol/log-events.ts";

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

/** Draws random numbers and secrets. */
export interface Randomness {
  readonly randomness: {
    /** Uniform in [0, 1). */
    random(): number;
    /** 128 random bits, as text. */
    newSecret(): string;
  };
}

/** Writes to the log. */
export interface Log {
  log(event: LogEvent, fields: LogFields): void;
}

/** Invokes engines. */
export interface EngineStarter {
  readonly engines: {
    /** Starts an engine's invocation and resolves once Lambda has accepted it. */
    start(functionName: string, event: EngineEvent): Promise<void>;
    /**
     * Invokes an engine and waits at most `waitMs` milliseconds for it to end. Rejects if it could not be invoked, or
     * may have been invoked without that being known.
     */
    call(functionName: string, event: EngineEvent, waitMs: number): Promise<EngineReply>;
  };
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
export interface SchedulerPorts extends StoreAccess, Clock, Pauses, Randomness, Log, EngineStarter, SweepSwitch {}
