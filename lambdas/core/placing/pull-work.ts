import type { HighWaterMark } from "../../protocol/flags.ts";
import type { Engine } from "../engine.ts";
import { leaseSize } from "../lease-size.ts";
import type { QueueEntry } from "../queue-entry.ts";
import { eligibleCount, type Roster } from "../roster.ts";
import type { Offer } from "./push-work.ts";

/**
 * Pull: picks what a reporting engine takes next, without consulting a scheme. It takes the first entry in the queue;
 * work that this engine itself has just failed comes last if another engine is eligible for it.
 */
export function firstFor(engine: Engine, hints: readonly QueueEntry[], roster: Roster): QueueEntry | undefined {
  const isAvoided = (hint: QueueEntry) => hint.run?.avoid === engine.id && eligibleCount(hint.queue, roster) > 1;
  return hints.find((hint) => !isAvoided(hint)) ?? hints[0];
}

/**
 * How many tasks of an offer the next lease takes.
 *
 * @param waiting the other waiting work, because jobs share the engines
 */
export function nextSize(
  hwm: HighWaterMark,
  { hint, remaining, measured }: Offer,
  waiting: readonly QueueEntry[],
  roster: Roster,
): number {
  return leaseSize(hwm, {
    meanMs: measured?.meanMs,
    previous: measured?.tasks,
    remaining,
    engines: eligibleCount(hint.queue, roster),
    waitingJobs: new Set(waiting.map(({ job }) => job)).size,
    specBytes: hint.specBytes,
    atMost: hint.run?.atMost,
  });
}
