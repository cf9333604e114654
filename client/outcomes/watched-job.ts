import type { JobOutcomes } from "./outcome-store.ts";

/** Jobs of up to this many tasks are polled early, and at short intervals at first. */
const SMALL_JOB = 16;

/** One job that something waits for. */
export interface Watch {
  outcomes: JobOutcomes;
  /** Number of waiters, and how many of them pass outcomes on as they arrive. */
  users: number;
  live: number;
  since: number;
  lastNews: number;
  /** When the next poll is due. */
  nextPollAt: number;
  /** How often the job was polled without any news; infinite after the first news. */
  emptyPolls: number;
  thoroughAfterMs: number;
  failures: number;
  /** When the last waiter left. */
  pausedAt: number;
  cancelTimer: () => void;
}

/** Whether a job is small enough to be polled early. */
export function isSmall({ header }: JobOutcomes): boolean {
  return header !== undefined && header.tasks <= SMALL_JOB;
}

/** Starts to watch a job that has no waiter yet. */
export function newWatch(outcomes: JobOutcomes, thoroughAfterMs: number): Watch {
  return {
    outcomes,
    users: 0,
    live: 0,
    since: 0,
    lastNews: 0,
    nextPollAt: 0,
    emptyPolls: 0,
    thoroughAfterMs,
    failures: 0,
    pausedAt: 0,
    cancelTimer: () => {},
  };
}
