/**
 * Until the first news of a small job, the interval doubles from `FIRST_INTERVAL_MS` to `MIN_INTERVAL_MS`.
 * Afterwards `MIN_INTERVAL_MS` is the minimum.
 */
const FIRST_INTERVAL_MS = 2;
const MIN_INTERVAL_MS = 10;
const MAX_INTERVAL_MS = 1000;
/** The maximum interval, in milliseconds, while some waiter passes outcomes on as they arrive. */
const LIVE_INTERVAL_MS = 250;

/** The progress of a watched job. News is any outcome that was not known before. */
export interface Pace {
  elapsedMs: number;
  sinceNewsMs: number;
  /** Number of tasks with an outcome. */
  done: number;
  /** Number of tasks without an outcome. */
  missing: number;
  /** Whether some waiter passes outcomes on as they arrive, for example to show progress. */
  live: boolean;
  /** How often a small job was polled without any news; infinite for larger jobs, and after the first news. */
  emptyPolls: number;
}

/**
 * How long to wait before the next poll of a job's outcomes, in milliseconds, at most one second.
 *
 * It is a tenth of the time since the last news, or a third of the estimated time left if that is longer. The estimate
 * counts for at most a sixth of the elapsed time, and for at most 250 ms if `live`. A job of one second is thus polled
 * a few dozen times, and a long one about once a second. Before its first news, a small job is polled 2 ms after the
 * first poll and then at doubling intervals, to find the outcome of a single short task soon after it can be read.
 */
export function pollInterval({ elapsedMs, sinceNewsMs, done, missing, live, emptyPolls }: Pace): number {
  const leftMs = done === 0 ? 0 : (elapsedMs * missing) / done;
  const paced = Math.min(leftMs / 3, elapsedMs / 6, live ? LIVE_INTERVAL_MS : MAX_INTERVAL_MS);
  const shortest = Math.min(MIN_INTERVAL_MS, FIRST_INTERVAL_MS * 2 ** Math.max(0, emptyPolls - 1));
  return Math.min(MAX_INTERVAL_MS, Math.max(shortest, sinceNewsMs / 10, paced));
}
