import type { Pace } from "./session-pace.ts";

/** A lease at one moment. Times are epoch milliseconds. */
export interface LeaseSnapshot extends Pace {
  now: number;
  running: RunningTask | undefined;
  /** Whether any task can still be started. */
  hasWaiting: boolean;
  /** Whether the first task is no longer waiting. */
  hasBegun: boolean;
  /** Number of tasks without an outcome that were neither returned nor parked. */
  open: number;
  /** Number of open tasks that have not ended. A task whose result is being stored has ended. */
  unended: number;
  /** Whether there are outcomes to report. */
  hasNews: boolean;
  /** Whether the outcomes to report are large enough for a partial report. */
  isFull: boolean;
  /** Whether a partial report is in flight. */
  isReporting: boolean;
  /** When tasks joined the lease; undefined if none have. */
  joinedAt: number | undefined;
  /** Why the engine is out of memory; undefined while it is not, or if memory was not measured now. */
  memoryExceeded: string | undefined;
  /** When to measure memory next. */
  memoryAt: number;
}

/** The task that the worker runs. */
export interface RunningTask {
  position: number;
  startedAt: number;
  /** Whether the task has read its AbortSignal, and so may react to it. */
  isListening: boolean;
  /** Whether the task has opened its view. It may soon wait for tasks of its own, and the lease ends then. */
  hasView?: boolean;
}
