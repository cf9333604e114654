import type { Backoff, JobFlags } from "../protocol/flags.ts";
import type { EncodedError, EntryStatus } from "../protocol/outcome-page.ts";

/** Whether an attempt was the last and, if not, when the next is due: epoch milliseconds, or undefined for at once. */
export type AfterAttempt = { final: true } | { final: false; due: number | undefined };

/**
 * Decides whether another attempt follows. Attempts on all engines count. Successes, aborts and timeouts of the task as
 * a whole are final, and so are errors that `retryOn` does not name.
 *
 * @param attempt the attempt that ended, from 1
 * @param now epoch milliseconds
 */
export function afterAttempt(
  outcome: { status: EntryStatus; error?: EncodedError | undefined },
  attempt: number,
  flags: JobFlags,
  now: number,
  random: () => number,
): AfterAttempt {
  if (outcome.status === "ok" || outcome.status === "aborted") return { final: true };
  if (outcome.status === "timeout" && outcome.error?.code !== "RunTimeout") return { final: true };
  if (attempt > (flags.retries ?? 0)) return { final: true };
  const ename = outcome.error?.ename;
  if (flags.retryOn && (ename === undefined || !flags.retryOn.includes(ename))) return { final: true };
  return { final: false, due: flags.backoff ? now + backoffMs(flags.backoff, attempt, random) : undefined };
}

/**
 * The delay after `attempt`, in milliseconds: grows by `factor` (default 2) up to `maxMs`. Unless `jitter` is false,
 * the delay is drawn uniformly between half of this value and the full value.
 */
export function backoffMs(backoff: Backoff, attempt: number, random: () => number): number {
  const grown = backoff.initialMs * (backoff.factor ?? 2) ** (attempt - 1);
  const capped = Math.min(grown, backoff.maxMs ?? Number.MAX_SAFE_INTEGER);
  return Math.round(backoff.jitter === false ? capped : capped * (0.5 + random() / 2));
}
