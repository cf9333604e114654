/** Longest grace period between a task's AbortSignal and the end of its thread, in milliseconds. */
const STOP_GRACE_MS = 1000;

/**
 * Time reserved at the end of an invocation for the grace period and the report, in milliseconds. A short invocation
 * reserves less.
 */
const RESERVE_MS = 2500;
const RESERVE_SHARE = 0.25;
const GRACE_SHARE = 0.4;

/** Share of the invocation that should be left when a task starts, so that the task has time to end. */
const TASK_SHARE = 0.5;

/** Times of one invocation, in epoch milliseconds. */
export interface InvocationTimes {
  /**
   * From this time on unstarted tasks return to the queue, and the session ends with its lease unless tasks are parked.
   */
  leaveAt: number;
  /** When running tasks are stopped. */
  endsAt: number;
  graceMs: number;
  /** Maximum duration of the invocation, in milliseconds. */
  lastsMs: number;
}

/** @param leftMs milliseconds until Lambda ends the invocation */
export function invocationTimes(now: number, leftMs: number): InvocationTimes {
  const reserve = Math.min(RESERVE_MS, leftMs * RESERVE_SHARE);
  return {
    leaveAt: now + leftMs * (1 - TASK_SHARE),
    endsAt: now + leftMs - reserve,
    graceMs: Math.min(STOP_GRACE_MS, reserve * GRACE_SHARE),
    lastsMs: leftMs,
  };
}
