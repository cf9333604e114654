import { type IndexRange, rangesOf } from "../protocol/index-ranges.ts";
import type { OutcomePage } from "../protocol/outcome-page.ts";
import { classAfter } from "./next-class.ts";
import { isAnotherAttempt } from "./settle.ts";

/** What the sweep reads of a job. */
export interface JobFacts {
  tasks: number;
  /** Queue class of the job. */
  queue: string;
  /** First task that nobody has claimed. */
  cursor: number;
  pages: readonly OutcomePage[];
  /** Tasks in leases, in queued or delayed runs. */
  covered: readonly IndexRange[];
  /** Tasks known to have ended, from earlier sweeps. */
  ended: readonly IndexRange[];
}

/** What it finds. */
export interface Findings {
  /** Tasks with an outcome. */
  ended: IndexRange[];
  /** Tasks below the cursor that are nowhere: claimed by a scheduler that died before it wrote the lease. */
  missing: IndexRange[];
  /** Claims that every task has its outcome. */
  complete: boolean;
  /** Attempts spent by tasks that are missing, by index; absent: none. */
  spent: Map<number, number>;
  /** Classes of the tasks that were refused or escalated, by index; absent: the job's own. */
  classes: Map<number, string>;
}

/**
 * Holds a job against its pages, leases and hints: an index below the cursor must be in one of them. One look proves
 * nothing, since a claim is followed by its lease a moment later; what is missing twice, further apart than a
 * scheduler can live, is lost.
 */
export function reconcile(facts: JobFacts): Findings {
  const known = new Uint8Array(facts.tasks);
  const spent = new Map<number, number>();
  const classes = new Map<number, string>();
  const mark = (ranges: readonly IndexRange[], as: number) => {
    for (const [from, to] of ranges) known.fill(as, Math.max(0, from), Math.min(facts.tasks, to));
  };
  mark(facts.covered, 1);
  mark(facts.ended, 2);
  for (const page of facts.pages.toSorted((a, b) => a.received - b.received))
    for (const entry of page.entries) {
      const { index, attempt } = entry;
      if (entry.final) {
        known[index] = 2;
        continue;
      }
      const isSpent = isAnotherAttempt(entry);
      spent.set(index, Math.max(isSpent ? attempt : attempt - 1, spent.get(index) ?? 0));
      if (!isSpent) classes.set(index, classAfter(classes.get(index) ?? facts.queue, page, entry));
    }
  const ended: number[] = [];
  const missing: number[] = [];
  for (let index = 0; index < facts.tasks; index++) {
    if (known[index] === 2) ended.push(index);
    else if (known[index] === 0 && index < facts.cursor) missing.push(index);
  }
  return { ended: rangesOf(ended), missing: rangesOf(missing), complete: ended.length === facts.tasks, spent, classes };
}
