import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import type { Entry, OutcomePage } from "../../lambdas/protocol/outcome-page.ts";
import { isAttempt } from "./attempt-kind.ts";
import type { AttemptRecord } from "./attempt-record.ts";

/** What all entries of a page have in common. */
export type PageFacts = Pick<OutcomePage, "engine" | "pool" | "received" | "used">;

/**
 * The attempts of one job's tasks that were not final, and the next times at which the scheduler must act on the tasks.
 * Maps are created on demand: a client may hold thousands of jobs.
 */
export class EarlierAttempts {
  #attempts: Map<number, AttemptRecord[]> | undefined;
  #due: Map<number, number> | undefined;
  #retries: Map<number, number> | undefined;

  /** The earlier attempts of a task. */
  of(task: number): readonly AttemptRecord[] {
    return this.#attempts?.get(task) ?? [];
  }

  /** Number of the task's attempts that failed and were or will be followed by another. */
  retries(task: number): number {
    return this.#retries?.get(task) ?? 0;
  }

  /**
   * The earliest time after `time` at which a retry is due or tasks of the job expire, in epoch milliseconds; undefined
   * if there is none.
   */
  dueAfter(time: number, { submitted, flags }: Pick<JobHeader, "submitted" | "flags">): number | undefined {
    // Called for every watched job after every poll, so it creates no lists.
    let first = Number.POSITIVE_INFINITY;
    for (const limit of [flags.timeoutMs, flags.deadlineMs])
      if (limit && submitted + limit > time) first = Math.min(first, submitted + limit);
    for (const due of this.#due?.values() ?? []) if (due > time) first = Math.min(first, due);
    return first === Number.POSITIVE_INFINITY ? undefined : first;
  }

  /** Records that a task has ended, so that nothing is due for it. */
  ended(task: number): void {
    this.#due?.delete(task);
  }

  /**
   * Records an attempt. Reading its page again has no effect.
   *
   * @param timeoutMs maximum time that a requeued task may wait in the queue, in milliseconds; undefined: no limit
   * @returns whether the attempt failed and another one follows: false for a page that was read before, if an engine
   *   refused the task, and if the same attempt continues with more memory
   */
  keep(entry: Entry, page: PageFacts, timeoutMs: number | undefined): boolean {
    const { index, attempt, status, value, error, started, completed, phases } = entry;
    const { engine, pool, received } = page;
    this.#attempts ??= new Map();
    const earlier = this.#attempts.get(index) ?? [];
    if (earlier.some((other) => other.attempt === attempt && other.received === received)) return false;
    const about = { attempt, status, value, error, started, completed, phases };
    const record = { ...about, received, engine, pool, ...outputOf(entry) };
    earlier.push(record);
    this.#attempts.set(index, earlier);
    const due = entry.due ?? (timeoutMs === undefined ? undefined : received + timeoutMs);
    this.#due ??= new Map();
    if (due === undefined) this.#due.delete(index);
    else this.#due.set(index, due);
    if (!isAttempt(record) || entry.up !== undefined) return false;
    this.#retries ??= new Map();
    this.#retries.set(index, this.retries(index) + 1);
    return true;
  }
}

/** An attempt's output. */
export function outputOf(entry: Entry): { stdout: string; stderr: string } {
  return { stdout: entry.stdout ?? "", stderr: entry.stderr ?? "" };
}
