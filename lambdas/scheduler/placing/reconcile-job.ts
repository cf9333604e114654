import { JOB_MOVES, JOB_STATES, jobStateOf } from "../../core/job-state.ts";
import { missingSince, stillMissing } from "../../core/missing-since.ts";
import { parseRecalls } from "../../core/recall.ts";
import { ClusterError } from "../../protocol/errors.ts";
import {
  commonRanges,
  type IndexRange,
  indexesOf,
  mergedRanges,
  rangesOf,
  withoutRanges,
} from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { type Row, scanKey } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { unclaimable } from "../rows/failed-claims.ts";
import { headerOf, moveJob, readJob } from "../rows/job-row.ts";
import { NEVER_SCANNED, type OpenJob, openJobRow } from "../rows/open-job.ts";
import { putAbortedAhead } from "../rows/outcome-rows.ts";
import { cursorEntry, requeueRows } from "../rows/queue-rows.ts";
import { readable } from "../rows/readable.ts";
import { hasWaits } from "../rows/wait-rows.ts";
import { examineWaits } from "../waiting/examine-waits.ts";
import { queueReleased, settleEnded } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";
import { endSubmission, SUBMIT_WITHIN_MS } from "./end-submission.ts";
import { endAhead, endRecalled } from "./end-unclaimable.ts";
import { scanJob } from "./job-scan.ts";
import { type LiveWork, listLiveWork } from "./live-work.ts";
import type { RecoveryContext } from "./placing-context.ts";
import { recallLost } from "./recall-lost.ts";
import { recalledRows } from "./recalled-rows.ts";

/**
 * Tasks missing in two scans at least this many milliseconds apart are recalled. A lease normally follows its claim at
 * once. A claimer that takes longer than this may lose its tasks, which are then queued again.
 */
const LOST_AFTER_MS = 4000;

/**
 * Number of recalls of one job that are made after `LOST_AFTER_MS`. Each leaves an entry in the job's row, so later
 * ones wait for `LATER_LOST_AFTER_MS`.
 */
const FAST_RECALLS = 20;
const LATER_LOST_AFTER_MS = 60_000;

/** Limits of one recall: its ranges must fit the job's row, and each task takes a few calls. */
const RECALLED_RANGES = 100;
const RECALLED_TASKS = 2000;

/**
 * The result for one job. `over`: the job has ended, so the caller removes it from the list of open jobs. `missing`:
 * some of its tasks are missing, so scan it again soon. `whole`: neither.
 */
export type Reconciled = "over" | "missing" | "whole";

/** The facts with which the reconciliation of a job begins. */
export interface JobBasis {
  /** The job's own row; `undefined` if it has none. */
  row: Row | undefined;
  /** The record of its last scan; `undefined` if it was never scanned. */
  scan: Row | undefined;
  /** Lists leases and queue entries of all jobs, after `row` was read. */
  live: () => Promise<LiveWork>;
  /** Whether no other scheduler is running, so that missing tasks are certainly lost. */
  isAlone: boolean;
}

/**
 * Repairs a job: ends a submission that was never completed, resolves its wait groups again, recalls tasks that were
 * claimed but never leased, restores a missing queue entry, and closes the job if it has all its outcomes. The caller
 * places the queued tasks.
 *
 * @param open the job's row in the list of open jobs
 */
export async function reconcileJob(
  cluster: RecoveryContext,
  open: Row,
  { row, scan, live, isAlone }: JobBasis,
): Promise<Reconciled> {
  const now = cluster.now();
  // Earlier versions kept the record in the list of open jobs.
  const before = readable(cluster, scan ?? open, openJobRow.parse) ?? {};
  if (!row) {
    // The job's submission may be in progress, or its scheduler may have died before it wrote the job's row. In the
    // second case the client got no answer.
    if (now - (before.seen ?? now) > SUBMIT_WITHIN_MS) return "over";
    if (before.seen === undefined) await remember(cluster, open.sk, scan, { seen: now });
    return "whole";
  }
  const state = jobStateOf(row);
  // A job that is being purged is removed from the list by the purge.
  if (JOB_STATES[state].hasEnded) return JOB_STATES[state].isKnown ? "over" : "whole";
  const header = headerOf(row);
  cluster.memory.jobs.headers.set(header.id, header);
  if (!JOB_STATES[state].givesTasks) {
    const isLate = now - header.submitted > SUBMIT_WITHIN_MS;
    return isLate && (await endSubmission(cluster, header)) ? "over" : "whole";
  }
  // Wait groups are examined first. The scan lists the queues after that, because it must see the tasks that the
  // examination releases.
  const mayRelease = hasWaits(header);
  if (mayRelease) await queueReleased(cluster, await examineWaits(cluster, header, false));
  const ended = before.ended ?? [];
  const found = await scanJob(cluster, header, {
    row,
    ended,
    live: mayRelease ? () => listLiveWork(cluster) : live,
  });
  if (found.complete) {
    await moveJob(cluster, header.id, JOB_MOVES.close);
    return "over";
  }
  const missing = stillMissing(before.lost ?? [], found.missing, now, found.attempted);
  const lostAfterMs = parseRecalls(row.aborted).length < FAST_RECALLS ? LOST_AFTER_MS : LATER_LOST_AFTER_MS;
  const late = isAlone ? found.missing : missingSince(missing, now - lostAfterMs);
  const lost = await withoutAborted(cluster, header.id, late, found.ahead);
  const taken = mostOf(lost);
  const recalled = taken.length > 0 ? await recall(cluster, header, taken, ended) : undefined;
  const failed = recalled || found.unqueued.length > 0 ? await unclaimable(cluster, header.id) : undefined;
  if (recalled && failed) await endRecalled(cluster, header.id, recalled, failed);
  const rows = recalled && !failed ? await recalledRows(cluster, header, recalled) : [];
  if (failed) await endAhead(cluster, header.id, found.unqueued, failed);
  else if (found.unqueued.length > 0)
    rows.push(...requeueRows([{ entry: cursorEntry(header, found.queue, now) }], now, header));
  if (rows.length > 0) await cluster.store.write(rows);
  // Tasks that the recall found, or that another scheduler is recalling, count as missing from this scan on.
  const others = missing.map(({ at, ranges }) => ({ at, ranges: withoutRanges(ranges, taken) }));
  const left = stillMissing(others, withoutRanges(found.missing, recalled?.ranges ?? []), now);
  await remember(cluster, open.sk, scan, { ended: found.ended, lost: left });
  if (rows.length > 0)
    for (const queue of [found.queue, ...(recalled?.scan.queues.values() ?? [])])
      cluster.memory.queues.pending.add(queue);
  return left.length > 0 ? "missing" : "whole";
}

/**
 * The first of the lost tasks, as many as one recall may contain. No range is skipped, so tasks are recalled in the
 * order of their indexes.
 */
function mostOf(lost: readonly IndexRange[]): IndexRange[] {
  return rangesOf([...indexesOf(lost.slice(0, RECALLED_RANGES))].slice(0, RECALLED_TASKS));
}

/**
 * Ends the tasks that were aborted before they were claimed, as their claimer should have done, and returns the others.
 */
async function withoutAborted(
  cluster: SettlingContext,
  job: string,
  lost: readonly IndexRange[],
  ahead: readonly IndexRange[],
): Promise<IndexRange[]> {
  for (const range of ahead)
    for (const touched of commonRanges([range], lost))
      await settleEnded(cluster, await putAbortedAhead(cluster, job, range, touched));
  return withoutRanges(lost, mergedRanges(ahead));
}

function recall(
  cluster: RecoveryContext,
  header: JobHeader,
  lost: readonly IndexRange[],
  ended: readonly IndexRange[],
) {
  return recallLost(cluster, header, lost, async () => {
    const row = await readJob(cluster, header.id);
    if (!row) throw new ClusterError(`the record of job ${header.id} is missing: submit the job again`);
    return scanJob(cluster, header, { row, ended, live: () => listLiveWork(cluster) });
  });
}

async function remember(cluster: StoreAccess, job: string, scan: Row | undefined, found: OpenJob): Promise<void> {
  const body = openJobRow.encode(found);
  if (body !== (scan?.body ?? NEVER_SCANNED)) await cluster.store.write([{ ...scanKey(job), body }]);
}
