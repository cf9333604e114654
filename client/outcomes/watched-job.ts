import type { JobOutcomes } from "./outcome-store.ts";

/** One job that something waits for. */
export interface Watch {
  outcomes: JobOutcomes;
  /** Number of waiters, and how many of them want each outcome as it arrives. */
  users: number;
  live: number;
  since: number;
  lastNews: number;
  /** When the next poll is due. */
  nextPollAt: number;
  /** Number of polls before the job's first news; infinite after it. */
  emptyPolls: number;
  thoroughAfterMs: number;
  failures: number;
  /** When the last waiter left. */
  pausedAt: number;
  cancelTimer: () => void;
}
