import { type LeaseRange, leaseIndexRanges, leaseTasks } from "../../core/lease.ts";
import { fitLease } from "../../core/placing/lease-span.ts";
import { indexesOf } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { Row } from "../../protocol/rows.ts";
import { cursorEntry, type DueEntry } from "../rows/queue-rows.ts";
import { requeuedRows } from "../waiting/ready-again.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";
import type { Recalled } from "./recall-lost.ts";

/** Returns rows that queue recalled tasks again, in pieces that a lease can hold. */
export async function recalledRows(
  cluster: SettlingContext,
  header: JobHeader,
  { ranges, hop, scan }: Recalled,
): Promise<Row[]> {
  if (ranges.length === 0) return [];
  const now = cluster.now();
  const pieces: { in: string; ranges: LeaseRange[] }[] = [];
  for (const index of indexesOf(ranges)) {
    const range = { from: index, to: index + 1, attempt: 1 + (scan.spent.get(index) ?? 0) };
    const last = pieces.at(-1);
    const tail = last?.ranges.at(-1);
    const queue = scan.queues.get(index) ?? scan.queue;
    if (last?.in !== queue || !fitLease(leaseIndexRanges({ ranges: [...last.ranges, range] })))
      pieces.push({ in: queue, ranges: [range] });
    else if (tail && tail.to === index && tail.attempt === range.attempt) tail.to++;
    else last.ranges.push(range);
  }
  const entries = pieces.map(
    ({ in: queue, ranges }): DueEntry => ({
      entry: { ...cursorEntry(header, queue, now), tasks: leaseTasks({ ranges }), requeued: { ranges, hop } },
    }),
  );
  cluster.log("requeued-lost", { job: header.id, tasks: ranges });
  return requeuedRows(cluster, header, entries);
}
