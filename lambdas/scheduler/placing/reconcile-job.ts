import { aheadRange, parseAbortRanges } from "../../core/abort-ranges.ts";
import { CLAIMABLE_STATES, JOB_MOVES, JOB_STATES, jobStateOf } from "../../core/job-state.ts";
import { type LeaseRange, leaseRanges, leaseTasks } from "../../core/lease.ts";
import { missingSince, stillMissing } from "../../core/missing-since.ts";
import { fitLease } from "../../core/placing/lease-span.ts";
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
import type { EncodedError } from "../../protocol/outcome-page.ts";
import { jobKey, type Row } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { unclaimable } from "../rows/failed-claims.ts";
import { headerOf, moveJob, readJob } from "../rows/job-row.ts";
import { type OpenJob, openJobRow } from "../rows/open-job.ts";
import { putAbortedAhead, putUnrun } from "../rows/outcome-rows.ts";
import { cursorEntry, requeueRows } from "../rows/queue-rows.ts";
import { readable } from "../rows/readable.ts";
import { hasWaits } from "../rows/wait-rows.ts";
import { examineWaits } from "../waiting/examine-waits.ts";
import { requeuedRows } from "../waiting/ready-again.ts";
import { queueReleased, settleEnded } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";
import { lookAt } from "./job-look.ts";
import type { RecoveryContext } from "./placing-context.ts";
import { type Recalled, recallLost } from "./recall-lost.ts";

/** Time, in milliseconds, after which an incomplete submission is ended. */
const SUBMIT_WITHIN_MS = 120_000;

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
  if (!JOB_STATES[state].givesTasks)
    return now - header.submitted > SUBMIT_WITHIN_MS ? endSubmission(cluster, header, open) : "whole";
  // Comes first, so that the look below sees the tasks that it releases.
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
  const rows = recalled ? await lostRows(cluster, header, recalled, failed) : [];
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

/**
 * Ends a submission that was never completed: each task gets a typed error, so that waiting clients learn of it. The
 * job's state is changed first, in the same step that proves it incomplete. If this pass dies later, the next sweep
 * does the rest.
 */
async function endSubmission(cluster: SettlingContext, header: JobHeader, open: Row): Promise<Reconciled> {
  const givenUp = await moveJob(cluster, header.id, JOB_MOVES.giveUp);
  if (!givenUp) return "whole";
  const { ahead } = parseAbortRanges(givenUp.after.aborted);
  for (const piece of ahead) await putAbortedAhead(cluster, header.id, piece);
  const evalue = "the submission was not completed within two minutes; submit the work again";
  const left = withoutRanges([[0, header.tasks]], mergedRanges(ahead));
  const runs = left.map(([from, to]) => ({ from, to, attempt: 1 }));
  const error = { code: "TaskAborted", ename: "TaskAborted", evalue } as const;
  await settleEnded(cluster, await putUnrun(cluster, { job: header.id, runs, hop: 0 }, { status: "aborted", error }));
  await moveJob(cluster, header.id, JOB_MOVES.close);
  return removed(cluster, open);
}

/**
 * Ends unclaimed tasks that cannot be claimed. An abort range in the job's row prevents later claims from returning
 * them.
 */
async function endAhead(
  cluster: SettlingContext,
  job: string,
  [...ranges]: readonly IndexRange[],
  error: EncodedError,
): Promise<void> {
  const [first] = ranges;
  if (!first) return;
  const only = { inState: CLAIMABLE_STATES, cursorAtMost: first[0] };
  const updated = await cluster.store.update(jobKey(job), { aborted: ranges.map(aheadRange), only });
  if (!updated) return;
  for (const piece of parseAbortRanges(updated.after.aborted).ahead)
    if (commonRanges([piece], ranges).length > 0)
      await settleEnded(cluster, await putAbortedAhead(cluster, job, piece, undefined, { status: "lost", error }));
}

/** Rows that queue recalled tasks again. Tasks that cannot be claimed are ended instead. */
async function lostRows(
  cluster: SettlingContext,
  header: JobHeader,
  { ranges, hop, look }: Recalled,
  failed: EncodedError | undefined,
): Promise<Row[]> {
  if (ranges.length === 0) return [];
  if (failed) {
    const runs = [...indexesOf(ranges)].map((index) => ({
      ...{ from: index, to: index + 1 },
      attempt: 1 + (look.spent.get(index) ?? 0),
    }));
    await settleEnded(
      cluster,
      await putUnrun(cluster, { job: header.id, runs, hop }, { status: "lost", error: failed }),
    );
    return [];
  }
  const now = cluster.now();
  const pieces: { in: string; runs: LeaseRange[] }[] = [];
  for (const index of indexesOf(ranges)) {
    const run = { from: index, to: index + 1, attempt: 1 + (look.spent.get(index) ?? 0) };
    const last = pieces.at(-1);
    const tail = last?.runs.at(-1);
    const standing = look.queues.get(index) ?? look.queue;
    if (last?.in !== standing || !fitLease(leaseRanges({ runs: [...last.runs, run] })))
      pieces.push({ in: standing, runs: [run] });
    else if (tail && tail.to === index && tail.attempt === run.attempt) tail.to++;
    else last.runs.push(run);
  }
  const entries = pieces.map(({ in: standing, runs }) => ({
    entry: { ...cursorEntry(header, standing, now), tasks: leaseTasks({ runs }), run: { runs, hop } },
  }));
  cluster.log("requeued-lost", { job: header.id, tasks: ranges });
  return requeuedRows(cluster, header, entries);
}
