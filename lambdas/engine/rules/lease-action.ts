import type { StopCause } from "./stop-cause.ts";

/** An action that a lease needs. */
export type LeaseAction =
  /** Raise the AbortSignal of the running task. */
  | { type: "stop"; position: number; cause: StopCause }
  /** Kill the worker's thread, and the running task with it. */
  | { type: "killThread" }
  /** Take back the tasks that have not started: each ends as `cause`. */
  | { type: "endWaiting"; cause: StopCause }
  /** Take back the tasks that have not started: each returns to the queue. */
  | { type: "returnWaiting" }
  /** Send a partial report, unless no task is open any more: then the session reports the end of the lease. */
  | { type: "report"; asksForMore: boolean }
  | { type: "heartbeat"; position: number | undefined };
