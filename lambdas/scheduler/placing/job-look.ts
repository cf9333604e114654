import { parseAbortRanges } from "../../core/abort-ranges.ts";
import { leaseRanges, sliceRanges } from "../../core/lease.ts";
import { type QueueEntry, requeuedName, requeuedTasks } from "../../core/queue-entry.ts";
import { queueName } from "../../core/queue-name.ts";
import { parseRecalls, type Recall, voidAt } from "../../core/recall.ts";
import { type Findings, reconcile } from "../../core/reconcile.ts";
import { type IndexRange, mergedRanges, withoutRanges } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { OutcomePage } from "../../protocol/outcome-page.ts";
import { unpackOutcomePage } from "../../protocol/packed-page.ts";
import { bucketOf, bucketPartition, type Row, requeuedKey } from "../../protocol/rows.ts";
import { LEASE_SPAN } from "../../protocol/spec-page.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { delayedEntries } from "../rows/due-rows.ts";
import { listEngines } from "../rows/engine-rows.ts";
import { listQueueEntries, queuesFor } from "../rows/queue-rows.ts";
import type { FleetAccess, JobAccess } from "../rows/row-access.ts";
import { freeTasks, hasWaits } from "../rows/wait-rows.ts";
import { waitingRanges } from "../waiting/waiting-ranges.ts";

/** Maximum number of entries of a queue to search for the entries of one job. */
const ENTRIES = 10_000;

/** The state of an open job, derived from all its rows. */
export interface JobLook extends Findings {
  /** The job's queue. */
  queue: string;
  /** Tasks that can still be claimed from the job's cursor, if it has no queue entry. */
  unqueued: readonly IndexRange[];
  /** Ranges that were aborted ahead of the cursor. */
  ahead: readonly IndexRange[];
}

/**
 * Compares an open job with all of its rows.
 *
 * A task that moves meanwhile is seen at least once: leases are read before queue entries, because returned tasks are
 * queued before their engine is freed, and outcome pages last, because they are put before everything else.
 *
 * @param row the job's row, read just before
 * @param ended tasks known to have finished
 */
export async function lookAt(
  cluster: FleetAccess & JobAccess,
  header: JobHeader,
  row: Row,
  ended: readonly IndexRange[],
): Promise<JobLook> {
  const { id: job, flags, tasks } = header;
  const queue = queueName(flags, cluster.config.pools);
  const free = freeTasks(header);
  const cursor = Math.min(row.from ?? 0, free);
  const recalls = parseRecalls(row.aborted);
  const { ahead } = parseAbortRanges(row.aborted);
  const covered: IndexRange[] = await leasedRanges(cluster, job);
  const delayed = (await delayedEntries(cluster)).filter((entry) => entry.job === job);
  const entries = (await listQueueEntries(cluster, await queuesFor(cluster, header, queue), ENTRIES)).filter(
    ({ job: of }) => of === job,
  );
  covered.push(...(await unclaimedRanges(cluster, [...delayed, ...entries], recalls)));
  covered.push(...(await waitingRanges(cluster, header)));
  if (cursor < free) covered.push([cursor, free]);
  // Tasks that were aborted ahead of the cursor have outcomes beyond it.
  const reached = hasWaits(header) ? tasks : Math.max(cursor, ...ahead.map(([, to]) => to));
  const pages = await outcomePages(cluster, job, reached, ended);
  const found = reconcile({ tasks, queue, cursor: reached, pages, covered, ended });
  const isQueued = entries.some(({ requeued }) => !requeued);
  const unqueued = isQueued || cursor >= free ? [] : withoutRanges([[cursor, free]], mergedRanges(ahead));
  return { ...found, queue, ahead, unqueued };
}

async function leasedRanges(cluster: FleetAccess, job: string): Promise<IndexRange[]> {
  const engines = await listEngines(cluster);
  return engines.flatMap(({ leases, parked }) =>
    [...leases, ...parked].filter((lease) => lease.job === job).flatMap((lease) => leaseRanges(lease)),
  );
}

/** The requeued tasks that have not been claimed, without recalled ones, which claims leave out. */
async function unclaimedRanges(
  cluster: StoreAccess,
  entries: readonly QueueEntry[],
  recalls: readonly Recall[],
): Promise<IndexRange[]> {
  const batches = entries.flatMap(({ job, requeued }) => (requeued ? [{ job, requeued }] : []));
  const rows = await cluster.store.read(batches.map(({ job, requeued }) => requeuedKey(job, requeuedName(requeued))));
  return batches.flatMap(({ requeued }, at) => {
    const left = leaseRanges({ runs: sliceRanges(requeued.runs, rows[at]?.from ?? 0, requeuedTasks(requeued)) });
    return withoutRanges(left, voidAt(recalls, requeued.hop));
  });
}

/** The outcome pages of buckets below the cursor that had tasks without outcomes at the last look. */
async function outcomePages(
  cluster: StoreAccess,
  job: string,
  cursor: number,
  ended: readonly IndexRange[],
): Promise<OutcomePage[]> {
  const pages: OutcomePage[] = [];
  for (let bucket = 0; cursor > 0 && bucket <= bucketOf(cursor - 1); bucket++) {
    const span: IndexRange = [bucket * LEASE_SPAN, (bucket + 2) * LEASE_SPAN];
    if (ended.some(([from, to]) => from <= span[0] && to >= span[1])) continue;
    const rows = await cluster.store.list(bucketPartition(job, bucket), { from: "o#", to: "o$" });
    pages.push(...rows.map((row) => unpackOutcomePage(row)));
  }
  return pages;
}
