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
import type { Row } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { unclaimable } from "../rows/failed-claims.ts";
import { headerOf, moveJob, readJob } from "../rows/job-row.ts";
import { type OpenJob, openJobRow } from "../rows/open-job.ts";
import { putAbortedAhead } from "../rows/outcome-rows.ts";
import { cursorEntry, requeueRows } from "../rows/queue-rows.ts";
import { readable } from "../rows/readable.ts";
import { hasWaits } from "../rows/wait-rows.ts";
import { examineWaits } from "../waiting/examine-waits.ts";
import { queueReleased, settleEnded } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";
import { endSubmission, SUBMIT_WITHIN_MS } from "./end-submission.ts";
import { endAhead, endRecalled } from "./end-unclaimable.ts";
import { lookAt } from "./job-look.ts";
import type { RecoveryContext } from "./placing-context.ts";
import { recallLost } from "./recall-lost.ts";
import { recalledRows } from "./recalled-rows.ts";

/**
 * Tasks missing in two looks at least this many milliseconds apart are recalled. This is long for a claim, whose lease
 * normally follows at once; a claimer that is slower only loses its tasks.
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
 * The result of a look. `over`: the job has ended and is no longer listed as open. `missing`: some of its tasks are
 * missing, so look again soon. `whole`: neither.
 */
export type Reconciled = "over" | "missing" | "whole";

/**
 * Repairs a job: recalls tasks that were claimed but never leased, restores a missing queue entry, and closes the job
 * if it has all its outcomes. The caller places the queued tasks.
 *
 * @param open the job's row in the list of open jobs
 * @param isAlone whether no other scheduler is running, so that missing tasks are certainly lost
 */
export async function reconcileJob(cluster: RecoveryContext, open: Row, { isAlone = false } = {}): Promise<Reconciled> {
  const now = cluster.now();
  const before = readable(cluster, open, openJobRow.parse) ?? {};
  const row = await readJob(cluster, open.sk);
  if (!row) {
    // Its submission may be in progress, or its scheduler may have died before it wrote the job's row. Then the client
    // got no answer.
    if (now - (before.seen ?? now) > SUBMIT_WITHIN_MS) return removed(cluster, open);
    if (before.seen === undefined) await remember(cluster, open, { seen: now });
    return "whole";
  }
  const state = jobStateOf(row);
  // A job that is being purged is removed from the list by the purge.
  if (JOB_STATES[state].hasEnded) return JOB_STATES[state].isKnown ? removed(cluster, open) : "whole";
  const header = headerOf(row);
  if (!JOB_STATES[state].givesTasks) {
    const isLate = now - header.submitted > SUBMIT_WITHIN_MS;
    return isLate && (await endSubmission(cluster, header)) ? removed(cluster, open) : "whole";
  }
  // Wait groups are examined first, so that the look below sees the tasks that this releases.
  if (hasWaits(header)) await queueReleased(cluster, await examineWaits(cluster, header, false));
  const found = await lookAt(cluster, header, row, before.ended ?? []);
  if (found.complete) {
    await moveJob(cluster, header.id, JOB_MOVES.close);
    return removed(cluster, open);
  }
  const missing = stillMissing(before.lost ?? [], found.missing, now);
  const lostAfterMs = parseRecalls(row.aborted).length < FAST_RECALLS ? LOST_AFTER_MS : LATER_LOST_AFTER_MS;
  const late = isAlone ? found.missing : missingSince(missing, now - lostAfterMs);
  const lost = await withoutAborted(cluster, header.id, late, found.ahead);
  const taken = mostOf(lost);
  const recalled = taken.length > 0 ? await recall(cluster, header, taken, before.ended ?? []) : undefined;
  const failed = recalled || found.unqueued.length > 0 ? await unclaimable(cluster, header.id) : undefined;
  if (recalled && failed) await endRecalled(cluster, header.id, recalled, failed);
  const rows = recalled && !failed ? await recalledRows(cluster, header, recalled) : [];
  if (failed) await endAhead(cluster, header.id, found.unqueued, failed);
  else if (found.unqueued.length > 0)
    rows.push(...requeueRows([{ entry: cursorEntry(header, found.queue, now) }], now, header));
  if (rows.length > 0) await cluster.store.write(rows);
  // Tasks that were found during the recall, or that another scheduler is recalling, start to wait again.
  const others = missing.map(({ at, ranges }) => ({ at, ranges: withoutRanges(ranges, taken) }));
  const left = stillMissing(others, withoutRanges(found.missing, recalled?.ranges ?? []), now);
  await remember(cluster, open, { ended: found.ended, lost: left });
  if (rows.length > 0)
    for (const queue of [found.queue, ...(recalled?.look.queues.values() ?? [])]) cluster.queues.pending.add(queue);
  return left.length > 0 ? "missing" : "whole";
}

/**
 * The first tasks, as many as may be recalled at once. No range is skipped, so that no recalled task comes after one
 * that is left out.
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
    return lookAt(cluster, header, row, ended);
  });
}

async function removed(cluster: StoreAccess, open: Row): Promise<"over"> {
  await cluster.store.remove([open]);
  return "over";
}

async function remember(cluster: StoreAccess, open: Row, job: OpenJob): Promise<void> {
  const body = openJobRow.encode(job);
  if (body !== open.body) await cluster.store.write([{ pk: open.pk, sk: open.sk, body }]);
}
