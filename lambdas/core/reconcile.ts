import { type IndexRange, rangesOf } from "../protocol/index-ranges.ts";
import type { OutcomePage } from "../protocol/outcome-page.ts";
import { queueAfter } from "./next-queue.ts";
import { isAnotherAttempt } from "./settle.ts";

/** The facts about a job that `reconcile` compares. */
export interface JobFacts {
  tasks: number;
  /** The job's queue. */
  queue: string;
  /** Index of the first unclaimed task. */
  cursor: number;
  pages: readonly OutcomePage[];
  /** Tasks in leases, in queue entries for requeued tasks, and in delayed retries. */
  covered: readonly IndexRange[];
  /** Tasks known to have ended, from earlier scans. */
  ended: readonly IndexRange[];
}

/** The result of a reconciliation. */
export interface Findings {
  /** Tasks with an outcome. */
  ended: IndexRange[];
  /**
   * Tasks below the cursor that are in no page, lease or queue entry: the scheduler that claimed them has not written
   * the lease yet, or has died.
   */
  missing: IndexRange[];
  /** Whether every task has its outcome. */
  complete: boolean;
  /** Number of attempts spent, by task index; absent: none. */
  spent: Map<number, number>;
  /** When the last page with a non-final outcome of a task was received, epoch milliseconds, by index. */
  attempted: Map<number, number>;
  /** Queues of tasks that were refused or escalated, by index; absent: the job's own. */
  queues: Map<number, string>;
}

/**
 * Compares a job with its pages, leases and queue entries: each index below the cursor must be in one of them. A task
 * that is missing in one scan need not be lost, because a claim is written a moment before its lease.
 */
export function reconcile(facts: JobFacts): Findings {
  const known = new Uint8Array(facts.tasks);
  const spent = new Map<number, number>();
  const attempted = new Map<number, number>();
  const queues = new Map<number, string>();
  const note = (ranges: readonly IndexRange[], as: number) => {
    for (const [from, to] of ranges) known.fill(as, Math.max(0, from), Math.min(facts.tasks, to));
  };
  note(facts.covered, 1);
  note(facts.ended, 2);
  for (const page of facts.pages.toSorted((a, b) => a.received - b.received))
    for (const entry of page.entries) {
      const { index, attempt } = entry;
      if (entry.final) {
        known[index] = 2;
        continue;
      }
      attempted.set(index, page.received);
      const isSpent = isAnotherAttempt(entry);
      spent.set(index, Math.max(isSpent ? attempt : attempt - 1, spent.get(index) ?? 0));
      if (!isSpent) queues.set(index, queueAfter(queues.get(index) ?? facts.queue, page, entry));
    }
  const ended: number[] = [];
  const missing: number[] = [];
  for (let index = 0; index < facts.tasks; index++) {
    if (known[index] === 2) ended.push(index);
    else if (known[index] === 0 && index < facts.cursor) missing.push(index);
  }
  return {
    ended: rangesOf(ended),
    missing: rangesOf(missing),
    complete: ended.length === facts.tasks,
    ...{ spent, attempted, queues },
  };
}
