import type { DependencyState } from "../../core/dependency-state.ts";
import { Releases } from "../../core/releases.ts";
import { type IndexRange, indexesOf, mergedRanges, withoutRanges } from "../../protocol/index-ranges.ts";
import type { EncodedError, Entry, UnrunStatus } from "../../protocol/outcome-page.ts";
import { ledgerKey } from "../../protocol/rows.ts";
import { taskId } from "../../protocol/task-id.ts";
import type { Clock, StoreAccess } from "../ports/scheduler-ports.ts";
import type { LedgerView } from "../rows/ledger-view.ts";
import { type EndedPage, putEntries } from "../rows/outcome-rows.ts";

/** Waiting tasks of one bucket, released together and recorded in that bucket's ledger. */
export interface WaitingTasks {
  job: string;
  ranges: readonly IndexRange[];
  /** The bucket whose ledger records the tasks' release. */
  bucket: number;
}

/**
 * Releases waiting tasks. Atomic against every other release: the first scheduler to add a task's release to the ledger
 * gets the task. If that scheduler dies before the task is leased or ended, the sweep recovers the task, as after any
 * claim.
 *
 * @returns the tasks that this call has released, by hop
 */
export async function releaseTasks(
  cluster: StoreAccess,
  view: LedgerView,
  { job, ranges, bucket }: WaitingTasks,
): Promise<Map<number, IndexRange[]>> {
  const mine = new Map<number, IndexRange[]>();
  let releases = view.releases(job, bucket) ?? new Releases(undefined);
  for (;;) {
    const wanted = mergedRanges(ranges.flatMap((range) => releases.waiting(range)));
    if (wanted.length === 0) return mine;
    const add = { opened: releases.stringsFor(wanted) };
    const updated = await cluster.store.update(ledgerKey(job, bucket), { add, mayCreate: true });
    const before = new Releases(updated?.before?.opened);
    const after = new Releases(updated?.after.opened);
    const gone = wanted.flatMap((range) => withoutRanges(before.waiting(range), after.waiting(range)));
    for (const range of gone)
      for (const index of indexesOf([range])) {
        const hop = before.hopOf(index);
        const ranges = mine.get(hop) ?? [];
        const last = ranges.at(-1);
        if (last && last[1] === index) ranges[ranges.length - 1] = [last[0], index + 1];
        else ranges.push([index, index + 1]);
        mine.set(hop, ranges);
      }
    view.put(job, bucket, updated?.after);
    // Another round is only needed for tasks that returned to waiting after the ledger was read.
    releases = after;
  }
}

/** The error of a task that can never run, because of a dependency. */
export function impossible(state: DependencyState & { is: "impossible" }): EncodedError {
  const dependency = taskId(state.parent.job, state.parent.index);
  return {
    code: "ImpossibleDependency",
    ename: "ImpossibleDependency",
    evalue: `it depends on task ${dependency}, which ${state.reason}`,
    dependency,
    reason: state.reason,
  };
}

/** The outcome of tasks that never ran. */
export interface End {
  status: UnrunStatus;
  error: EncodedError;
}

/**
 * Ends tasks that this pass has released.
 *
 * @param endOf a task's outcome; a task without one is left out
 * @returns the pages that were written, whose dependents must then be resolved
 */
export async function endReleased(
  cluster: StoreAccess & Clock,
  job: string,
  released: ReadonlyMap<number, readonly IndexRange[]>,
  endOf: (index: number) => End | undefined,
): Promise<EndedPage[]> {
  const pages: EndedPage[] = [];
  for (const [hop, ranges] of released) {
    const entries: Entry[] = [];
    for (const index of indexesOf(mergedRanges(ranges))) {
      const end = endOf(index);
      if (end) entries.push({ index, attempt: 1, final: true, ...end });
    }
    pages.push(...(await putEntries(cluster, job, hop, entries)));
  }
  return pages;
}
