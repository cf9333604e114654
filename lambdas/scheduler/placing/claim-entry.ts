import type { Claimed } from "../../adapters/store.ts";
import { type AbortRanges, parseAbortRanges } from "../../core/abort-ranges.ts";
import type { ClaimedWork } from "../../core/claimed-work.ts";
import { type LeaseRange, leaseIndexRanges, leaseRangesWithin, sliceRanges } from "../../core/lease.ts";
import type { EntryPick } from "../../core/placing/pull-work.ts";
import type { Offer } from "../../core/placing/push-work.ts";
import { type QueueEntry, requeuedName, requeuedTasks } from "../../core/queue-entry.ts";
import { parseRecalls, voidAt } from "../../core/recall.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { commonRanges, withoutRanges } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { EncodedError } from "../../protocol/outcome-page.ts";
import { isRetryable } from "../../protocol/retryable-error.ts";
import { jobKey, type Row, requeuedKey } from "../../protocol/rows.ts";
import type { RemembersJobs } from "../memory/job-memory.ts";
import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { noteFailedClaim } from "../rows/failed-claims.ts";
import { deadlineOf, headerOf } from "../rows/job-row.ts";
import { ABORTED_ERROR, putAbortedAhead, putUnrun } from "../rows/outcome-rows.ts";
import { removeQueueEntries } from "../rows/queue-rows.ts";
import { overBudget, readSpending, withSpending } from "../rows/spent-budget.ts";
import { hasWaits } from "../rows/wait-rows.ts";
import { holdToFollow } from "../waiting/hold-to-follow.ts";
import { settleEnded } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";

/**
 * Claims up to `count` tasks of a queue entry. Aborted and expired tasks, and all tasks of a job whose budget is spent,
 * get their outcomes here and are not returned, so they are never leased. Atomic against every other claimer.
 *
 * If the claim fails with an error that would recur, the entry is deleted, so that it does not block those behind it.
 * The next reconciliation of its job queues the claimed and remaining tasks again, and ends them after a few tries.
 *
 * @returns `undefined` if no task was left, the job's row no longer exists, or the claim failed with such an error
 */
export async function claimEntry(
  cluster: SettlingContext,
  entry: QueueEntry,
  count: number,
): Promise<ClaimedWork | undefined> {
  const [work] = await claimEntries(cluster, entry.job, [{ entry, tasks: count }]);
  return work;
}

/**
 * Claims tasks of several queue entries of one job, as `claimEntry` does. The job's row is read once for all of them,
 * and drained entries are deleted in one call.
 *
 * @returns the work of each entry from which tasks were claimed
 */
export async function claimEntries(
  cluster: SettlingContext,
  job: string,
  picks: readonly EntryPick[],
): Promise<ClaimedWork[]> {
  const taken = await Promise.all(
    picks.map(async ({ entry, tasks }) => {
      const claimed = await unlessBroken(cluster, entry, () => claimPositions(cluster, entry, tasks));
      return { entry, claimed };
    }),
  );
  const drained = taken.filter(({ claimed }) => !claimed || isDrained(claimed)).map(({ entry }) => entry);
  const readsJob = taken.some(({ entry, claimed }) => claimed && entry.requeued);
  const read = readsJob ? readSpending(cluster, job) : undefined;
  // If the read fails, the code that awaits it below deals with the error. This line prevents an unhandled rejection
  // before that.
  read?.catch(() => {});
  if (drained.length > 0) await removeQueueEntries(cluster, drained);
  const works: ClaimedWork[] = [];
  for (const { entry, claimed } of taken) {
    if (!claimed) continue;
    const work = await unlessBroken(cluster, entry, async () => {
      const row = entry.requeued ? await read : claimed.row;
      return row && workOf(cluster, entry, claimed, row);
    });
    if (work) works.push(work);
  }
  return works;
}

/** Deletes the entry if its claim fails with an error that would recur. */
async function unlessBroken<T>(
  cluster: SettlingContext,
  entry: QueueEntry,
  claim: () => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await claim();
  } catch (error) {
    if (isRetryable(error) || error instanceof ClusterError) throw error;
    cluster.log("claim-failed", { job: entry.job, error: String(error) });
    await removeQueueEntries(cluster, [entry]);
    await noteFailedClaim(cluster, entry.job, error);
    return undefined;
  }
}

async function claimPositions(
  cluster: SettlingContext,
  entry: QueueEntry,
  count: number,
): Promise<Claimed | undefined> {
  const { store, memory } = cluster;
  const claimed = entry.requeued
    ? await store.claim(requeuedKey(entry.job, requeuedName(entry.requeued)), count, requeuedTasks(entry.requeued))
    : await claimAtCursor(cluster, entry.job, count);
  if (claimed) memory.queues.cursors.set(cursorName(entry), claimed.from + claimed.taken);
  return claimed;
}

/** Claims tasks at a job's cursor. The same write adds the job's spending that this process has noted. */
async function claimAtCursor(cluster: SettlingContext, job: string, count: number): Promise<Claimed | undefined> {
  const found = await withSpending(cluster, job, (spent) => cluster.store.claim(jobKey(job), count, undefined, spent));
  if (!found) return undefined;
  const { written: claimed, spent } = found;
  const { row } = claimed;
  return row && spent > 0 ? { ...claimed, row: { ...row, spent: (row.spent ?? 0) + spent } } : claimed;
}

function isDrained({ from, taken, to }: Claimed): boolean {
  return from + taken >= to;
}

/** @param row the job's row, read after the claim or by it */
async function workOf(cluster: SettlingContext, entry: QueueEntry, claimed: Claimed, row: Row): Promise<ClaimedWork> {
  const past = claimed.from + claimed.taken;
  const drained = isDrained(claimed);
  const header = headerOf(row);
  cluster.memory.jobs.headers.set(entry.job, header);
  if (row.dependents) cluster.memory.jobs.depended.set(entry.job, true);
  const ranges = entry.requeued
    ? withoutVoid(sliceRanges(entry.requeued.ranges, claimed.from, past), entry.requeued.hop, row)
    : [{ from: claimed.from, to: past, attempt: 1 }];
  const hop = entry.requeued?.hop ?? 0;
  const aborts = parseAbortRanges(row.aborted);
  const kept = await withoutAborted(cluster, entry, ranges, hop, aborts);
  const expired = expiryOf(cluster, entry, header);
  const end = expired ? ({ status: "timeout", error: expired } as const) : overBudget(cluster, header, row);
  if (end && kept.length > 0) {
    await settleEnded(cluster, await putUnrun(cluster, { job: entry.job, ranges: kept, hop }, end));
    return { entry, header, ranges: [], hop, drained };
  }
  const work = { entry, header, ranges: kept, hop, drained };
  return entry.requeued && hasWaits(header) ? { ...work, ranges: await holdToFollow(cluster, work) } : work;
}

/**
 * The ranges without tasks that were recalled since they were queued. The row was read after the claim, so a recall
 * that it does not show came after the claim, and takes the claim into account.
 */
function withoutVoid(ranges: LeaseRange[], hop: number, row: Row): LeaseRange[] {
  const gone = voidAt(parseRecalls(row.aborted), hop);
  return gone.length === 0 ? ranges : leaseRangesWithin(ranges, withoutRanges(leaseIndexRanges({ ranges }), gone));
}

/** The name of an entry's cursor in the memory of queues. */
function cursorName(entry: QueueEntry): string {
  return entry.requeued ? `${entry.job}/${requeuedName(entry.requeued)}` : entry.job;
}

/**
 * Number of tasks that can still be claimed from the queue entry, as far as this process knows: an upper bound, at
 * least 1.
 */
export function remainingOf(cluster: RemembersQueues, entry: QueueEntry): number {
  return Math.max(1, entry.tasks - (cluster.memory.queues.cursors.get(cursorName(entry)) ?? 0));
}

/** The work of a queue entry, as far as this process knows it. */
export function offerOf(cluster: RemembersJobs & RemembersQueues, entry: QueueEntry): Offer {
  return { entry, remaining: remainingOf(cluster, entry), measured: cluster.memory.jobs.lengths.get(entry.job) };
}

/** Ends the aborted tasks among the ranges and returns the others. */
async function withoutAborted(
  cluster: SettlingContext,
  entry: QueueEntry,
  ranges: LeaseRange[],
  hop: number,
  aborts: AbortRanges,
): Promise<LeaseRange[]> {
  const indexes = leaseIndexRanges({ ranges });
  // Only `held` ranges apply to requeued tasks, because the cursor has already passed requeued tasks.
  if (entry.requeued) {
    const aborted = commonRanges(indexes, aborts.held);
    if (aborted.length === 0) return ranges;
    const unrun = { job: entry.job, ranges: leaseRangesWithin(ranges, aborted), hop };
    const ended = await putUnrun(cluster, unrun, { status: "aborted", error: ABORTED_ERROR });
    await settleEnded(cluster, ended);
    return leaseRangesWithin(ranges, withoutRanges(indexes, aborted));
  }
  const ahead = commonRanges(indexes, aborts.ahead);
  if (ahead.length === 0) return ranges;
  for (const aborted of aborts.ahead)
    for (const range of indexes)
      if (aborted[0] < range[1] && aborted[1] > range[0])
        await settleEnded(cluster, await putAbortedAhead(cluster, entry.job, aborted, range));
  return leaseRangesWithin(ranges, withoutRanges(indexes, ahead));
}

/** The error of tasks that entered the queue at `queued` and may no longer start; `undefined` if they may. */
export function expiryOf(clock: Clock, entry: Pick<QueueEntry, "queued">, header: JobHeader): EncodedError | undefined {
  const now = clock.now();
  const { timeoutMs, deadlineMs } = header.flags;
  const deadline = deadlineOf(header);
  if (deadline !== undefined && now >= deadline)
    return {
      code: "TaskTimeout",
      ename: "TaskTimeout",
      evalue: `the task was not finished within deadlineMs (${deadlineMs} ms)`,
    };
  if (timeoutMs && now >= entry.queued + timeoutMs)
    return {
      code: "TaskTimeout",
      ename: "TaskTimeout",
      evalue: `the task waited in the queue longer than timeoutMs (${timeoutMs} ms)`,
    };
  return undefined;
}
