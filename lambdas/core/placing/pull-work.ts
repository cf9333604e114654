import type { HighWaterMark } from "../../protocol/flags.ts";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import type { Engine } from "../engine.ts";
import { leaseIndexRanges } from "../lease.ts";
import { leaseSize } from "../lease-size.ts";
import type { QueueEntry } from "../queue-entry.ts";
import { eligibleCount, type Roster } from "../roster.ts";
import { fitLease } from "./lease-span.ts";
import type { Offer } from "./push-work.ts";

/**
 * Pull: the entries from which a reporting engine may take its next work, without consulting a scheme, in queue order.
 * Work that this engine itself has just failed is left out if there is other work and another engine is eligible for
 * it. `fair-share.ts` picks one of the entries. The other path, on which a scheme chooses the engine, is
 * `choose-engine.ts`.
 */
export function entriesFor(engine: Engine, entries: readonly QueueEntry[], roster: Roster): readonly QueueEntry[] {
  const others = entries.filter((queueEntry) => !isAvoided(engine, queueEntry, roster));
  return others.length > 0 ? others : entries;
}

/** Whether this engine itself has just failed the tasks of the entry, and another engine is eligible for them. */
function isAvoided(engine: Engine, entry: QueueEntry, roster: Roster): boolean {
  return entry.requeued?.avoid === engine.id && eligibleCount(entry.queue, roster) > 1;
}

/** A queue entry, and the maximum number of tasks to claim from it. */
export interface EntryPick {
  entry: QueueEntry;
  tasks: number;
}

/**
 * The entries whose tasks make up one lease of at most `most` tasks: the first entry, and those that follow it in the
 * queue, as long as they hold requeued tasks of the same job. Entries whose tasks are too far away to share an outcome
 * page are skipped, as are tasks that this engine has just failed if `entriesFor` left them out.
 *
 * A job's retries are queued a few at a time, one entry for each report. Leasing them one entry at a time would take as
 * many calls for each entry as this takes for all of them.
 *
 * @param offers the work of the queue, in order, with the first entry
 */
export function batchesFor(
  engine: Engine,
  first: QueueEntry,
  offers: readonly Offer[],
  most: number,
  roster: Roster,
): EntryPick[] {
  const picks: EntryPick[] = [];
  let ranges: IndexRange[] = [];
  const skips = !isAvoided(engine, first, roster);
  let left = most;
  for (const { entry, remaining } of offers.slice(offers.findIndex((offer) => offer.entry === first))) {
    if (skips && isAvoided(engine, entry, roster)) continue;
    const { requeued } = entry;
    if (!requeued || requeued.atMost !== undefined || entry.job !== first.job || entry.queue !== first.queue) break;
    const both = [...ranges, ...leaseIndexRanges(requeued)];
    if (left <= 0) break;
    if (picks.length > 0 && !fitLease(both)) continue;
    ranges = both;
    const tasks = Math.min(left, remaining);
    picks.push({ entry, tasks });
    left -= tasks;
  }
  return picks.length > 0 ? picks : [{ entry: first, tasks: most }];
}

/**
 * Number of tasks that the next lease takes from an offer.
 *
 * @param waiting all entries with waiting work, including this one: their jobs share the engines
 */
export function nextSize(
  hwm: HighWaterMark,
  { entry, remaining, measured }: Offer,
  waiting: readonly QueueEntry[],
  roster: Roster,
): number {
  return leaseSize(hwm, {
    meanMs: measured?.meanMs,
    reliable: measured?.reliable,
    remaining,
    engines: eligibleCount(entry.queue, roster),
    waitingJobs: new Set(waiting.map(({ job }) => job)).size,
    specBytes: entry.specBytes,
    atMost: entry.requeued?.atMost,
  });
}
