import { parseAbortRanges } from "../../core/abort-ranges.ts";
import { leaseIndexRanges, sliceRanges } from "../../core/lease.ts";
import { type QueueEntry, requeuedName, requeuedTasks } from "../../core/queue-entry.ts";
import { queueName } from "../../core/queue-name.ts";
import { parseRecalls, type Recall, voidAt } from "../../core/recall.ts";
import { type Findings, reconcile } from "../../core/reconcile.ts";
import { type IndexRange, mergedRanges, withoutRanges } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { OutcomePage } from "../../protocol/outcome-page.ts";
import { unpackOutcomePage } from "../../protocol/packed-page.ts";
import { bucketOf, bucketPartition, outcomePageKey, type Row, requeuedKey } from "../../protocol/rows.ts";
import { LEASE_SPAN } from "../../protocol/spec-page.ts";
import type { Configured } from "../ports/cluster-config.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { freeTasks, hasWaits } from "../rows/wait-rows.ts";
import { waitingRanges } from "../waiting/waiting-ranges.ts";
import type { LiveWork } from "./live-work.ts";

/** The name of the lease of a task that has not changed hands. */
const FIRST_LEASE = "0";

/** The state of an open job, derived from all its rows. */
export interface JobScan extends Findings {
  /** The job's queue. */
  queue: string;
  /** Tasks that can still be claimed from the job's cursor, if it has no queue entry. */
  unqueued: readonly IndexRange[];
  /** Ranges that were aborted ahead of the cursor. */
  ahead: readonly IndexRange[];
}

/** The facts with which the scan of a job begins. */
export interface ScanBasis {
  /** The job's row. */
  row: Row;
  /** Tasks known to have finished. */
  ended: readonly IndexRange[];
  /** Lists leases and queue entries of all jobs, after the row was read. */
  live: () => Promise<LiveWork>;
}

/**
 * Compares an open job with all of its rows.
 *
 * A task that moves meanwhile is seen at least once: leases and queue entries are listed after the job's row was read,
 * and outcome pages last, because they are written before everything else.
 */
export async function scanJob(
  cluster: Configured & JobAccess,
  header: JobHeader,
  { row, ended, live }: ScanBasis,
): Promise<JobScan> {
  const { id: job, flags, tasks } = header;
  const queue = queueName(flags, cluster.config.pools);
  const free = freeTasks(header);
  const cursor = Math.min(row.from ?? 0, free);
  const recalls = parseRecalls(row.aborted);
  const { ahead } = parseAbortRanges(row.aborted);
  const listed = await live();
  const covered: IndexRange[] = listed.leases
    .filter((lease) => lease.job === job)
    .flatMap((one) => leaseIndexRanges(one));
  const delayed = listed.delayed.get(job) ?? [];
  const entries = await listed.entries(header, queue);
  covered.push(...(await unclaimedRanges(cluster, [...delayed, ...entries], recalls)));
  covered.push(...(await waitingRanges(cluster, header)));
  if (cursor < free) covered.push([cursor, free]);
  // An abort also ends tasks beyond the cursor, so outcomes may lie beyond it.
  const reached = hasWaits(header) ? tasks : Math.max(cursor, ...ahead.map(([, to]) => to));
  const rows = await outcomePages(cluster, job, reached, ended);
  const pages = rows.map((stored) => unpackOutcomePage(stored));
  covered.push(...namedRanges(job, rows, pages));
  const found = reconcile({ tasks, queue, cursor: reached, pages, covered, ended });
  const isQueued = entries.some(({ requeued }) => !requeued);
  const unqueued = isQueued || cursor >= free ? [] : withoutRanges([[cursor, free]], mergedRanges(ahead));
  return { ...found, queue, ahead, unqueued };
}

/**
 * The requeued tasks that have not been claimed, without those that were recalled, because claims leave recalled tasks
 * out.
 */
async function unclaimedRanges(
  cluster: StoreAccess,
  entries: readonly QueueEntry[],
  recalls: readonly Recall[],
): Promise<IndexRange[]> {
  const batches = entries.flatMap(({ job, requeued }) => (requeued ? [{ job, requeued }] : []));
  const rows = await cluster.store.read(batches.map(({ job, requeued }) => requeuedKey(job, requeuedName(requeued))));
  return batches.flatMap(({ requeued }, at) => {
    const left = leaseIndexRanges({
      ranges: sliceRanges(requeued.ranges, rows[at]?.from ?? 0, requeuedTasks(requeued)),
    });
    return withoutRanges(left, voidAt(recalls, requeued.hop));
  });
}

/** The tasks that pages name as their engines' next leases, and that have no page of their own. */
function namedRanges(job: string, rows: readonly Row[], pages: readonly OutcomePage[]): IndexRange[] {
  const put = new Set(rows.map(({ sk }) => sk));
  const named = pages.flatMap(({ next }) => (next === undefined ? [] : [next]));
  return named
    .filter((next) => !put.has(outcomePageKey(job, next, FIRST_LEASE).sk))
    .map((next) => [next, next + 1] as const);
}

/** The outcome pages of buckets below the cursor that had tasks without outcomes at the last scan. */
async function outcomePages(
  cluster: StoreAccess,
  job: string,
  cursor: number,
  ended: readonly IndexRange[],
): Promise<Row[]> {
  const pages: Row[] = [];
  for (let bucket = 0; cursor > 0 && bucket <= bucketOf(cursor - 1); bucket++) {
    const span: IndexRange = [bucket * LEASE_SPAN, (bucket + 2) * LEASE_SPAN];
    if (ended.some(([from, to]) => from <= span[0] && to >= span[1])) continue;
    pages.push(...(await cluster.store.list(bucketPartition(job, bucket), { from: "o#", to: "o$" })));
  }
  return pages;
}
