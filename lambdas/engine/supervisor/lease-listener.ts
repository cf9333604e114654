import type { LiveOutput } from "../messages/shared-output.ts";
import type { DeathNote, TaskResult } from "../messages/worker-messages.ts";

/** Events of the worker, for the supervisor of a lease. */
export interface LeaseListener {
  results(results: TaskResult[]): void;
  /** The task at this position has new output. */
  output(position: number): void;
  /** The running task waits for tasks that it submitted, and keeps its thread. */
  waits(position: number): void;
  /** No task of the lease is waiting or running. */
  done(): void;
  /** The worker has died. No further event follows. */
  died(death: Death): void;
}

/** How a worker ended. */
export interface Death extends DeathNote {
  /** The output of the task at this position; undefined if another task wrote last. */
  written(position: number): LiveOutput | undefined;
  /** Whether the worker had become ready to take leases before it died. */
  wasReady: boolean;
}

/** The thread of a task that waits for others. Meanwhile, leases run in another thread. */
export interface DetachedThread {
  /** Raises the task's AbortSignal. */
  stop(position: number, reason: string): void;
  /** Kills the thread, whatever it is doing. The listener's `died` is called. */
  kill(): void;
  /** To be called when the task has ended: lets the thread run leases again, or ends it if enough threads are idle. */
  release(): void;
}
