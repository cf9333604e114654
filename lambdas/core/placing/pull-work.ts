import type { HighWaterMark } from "../../protocol/flags.ts";
import type { Engine } from "../engine.ts";
import { leaseSize } from "../lease-size.ts";
import type { QueueEntry } from "../queue-entry.ts";
import { eligibleCount, type Roster } from "../roster.ts";
import type { Offer } from "./push-work.ts";

/**
 * Pull: picks the work that a reporting engine takes next, without consulting a scheme. It takes the first entry in the
 * queue; work that this engine itself has just failed comes last if another engine is eligible for it. The other path,
 * on which a scheme chooses the engine, is `choose-engine.ts`.
 */
export function firstFor(engine: Engine, entries: readonly QueueEntry[], roster: Roster): QueueEntry | undefined {
  const isAvoided = (entry: QueueEntry) =>
    entry.requeued?.avoid === engine.id && eligibleCount(entry.queue, roster) > 1;
  return entries.find((queueEntry) => !isAvoided(queueEntry)) ?? entries[0];
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
    previous: measured?.tasks,
    remaining,
    engines: eligibleCount(entry.queue, roster),
    waitingJobs: new Set(waiting.map(({ job }) => job)).size,
    specBytes: entry.specBytes,
    atMost: entry.requeued?.atMost,
  });
}
