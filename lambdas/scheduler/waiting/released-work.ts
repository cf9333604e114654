import type { ClaimedWork } from "../../core/claimed-work.ts";
import { firstIndex, type LeaseRange, leaseTasks } from "../../core/lease.ts";
import type { QueueEntry } from "../../core/queue-entry.ts";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { bucketOf, type Row } from "../../protocol/rows.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { requeueRows } from "../rows/queue-rows.ts";

/**
 * Turns released tasks into work that counts as claimed. Each piece is either within one bucket, so that it fits a
 * lease's span, or a single range.
 *
 * @param queued when they enter the queue, epoch milliseconds; one time for all tasks that a pass releases, so that
 *   they keep the order of their submission
 */
export function releasedWork(
  clock: Clock,
  header: JobHeader,
  queue: string,
  released: ReadonlyMap<number, readonly IndexRange[]>,
  queued = clock.now(),
): ClaimedWork[] {
  const works: ClaimedWork[] = [];
  for (const [hop, ranges] of released) {
    const pieces = new Map<string, LeaseRange[]>();
    for (const [from, to] of ranges) {
      const isWide = bucketOf(from) !== bucketOf(to - 1);
      const piece = isWide ? `${from}-` : String(bucketOf(from));
      pieces.set(piece, [...(pieces.get(piece) ?? []), { from, to, attempt: 1 }]);
    }
    for (const ranges of pieces.values()) works.push(workOf(header, queue, ranges, hop, queued));
  }
  return works;
}

function workOf(header: JobHeader, queue: string, ranges: LeaseRange[], hop: number, queued: number): ClaimedWork {
  const { id: job, specBytes, flags } = header;
  const entry: QueueEntry = {
    job,
    queue,
    priority: flags.priority ?? 0,
    queued,
    tasks: leaseTasks({ ranges }),
    specBytes,
    scheme: flags.scheme,
    requeued: { ranges, hop },
  };
  return { entry, header, ranges, hop, drained: true };
}

/** Sorts released work by priority, then by the time at which it entered the queue. */
export function inOrder(works: readonly ClaimedWork[]): ClaimedWork[] {
  return [...works].sort(
    (a, b) =>
      b.entry.priority - a.entry.priority ||
      a.entry.queued - b.entry.queued ||
      (a.entry.job < b.entry.job ? -1 : a.entry.job > b.entry.job ? 1 : firstIndex(a) - firstIndex(b)),
  );
}

/** Rows that queue released work. */
export function releasedRows(clock: Clock, works: readonly ClaimedWork[]): Row[] {
  return works.flatMap(({ entry, header }) => requeueRows([{ entry }], clock.now(), header));
}

/** The queues that the work belongs to. */
export function queuesOf(works: readonly ClaimedWork[]): string[] {
  return [...new Set(works.map(({ entry }) => entry.queue))];
}
