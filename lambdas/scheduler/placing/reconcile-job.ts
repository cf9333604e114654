import { parseAbortMarks } from "../../core/abort-marks.ts";
import type { Hint } from "../../core/hint.ts";
import { JOB_MOVES, JOB_STATES, jobStateOf } from "../../core/job-state.ts";
import { type LeaseRun, leaseRanges, leaseTasks } from "../../core/lease.ts";
import { fitLease } from "../../core/placing/lease-span.ts";
import { queueClass } from "../../core/queue-class.ts";
import { type Findings, reconcile } from "../../core/reconcile.ts";
import { commonRanges, type IndexRange, indexesOf, mergedRanges, withoutRanges } from "../../protocol/index-ranges.ts";
import type { OutcomePage } from "../../protocol/outcome-page.ts";
import { unpackOutcomePage } from "../../protocol/packed-page.ts";
import { bucketOf, bucketPartition, type Row } from "../../protocol/rows.ts";
import type { JobHeader } from "../../protocol/scheduler-messages.ts";
import { LEASE_SPAN } from "../../protocol/spec-page.ts";
import type { Cluster } from "../cluster.ts";
import { delayedHints } from "../rows/due-rows.ts";
import { listEngines } from "../rows/engine-rows.ts";
import { classesOf, cursorHint, listHints, requeueRows } from "../rows/hint-rows.ts";
import { headerOf, moveJob, readJob } from "../rows/job-row.ts";
import { type OpenJob, openJobRow } from "../rows/open-job.ts";
import { putAbortedAhead, putUnrun } from "../rows/outcome-rows.ts";
import { readable } from "../rows/readable.ts";
import { freeTasks, hasWaits } from "../rows/wait-rows.ts";
import { examineWaits } from "../waiting/examine-waits.ts";
import { requeuedRows } from "../waiting/ready-again.ts";
import { queueOpened, settleEnded } from "../waiting/settle-ended.ts";
import { waitingRanges } from "../waiting/waiting-ranges.ts";
import { place } from "./place.ts";

/** A submission that is not complete after this long is ended. */
const SUBMIT_WITHIN_MS = 120_000;

/** Two looks this far apart prove a task lost: longer than a scheduler's invocation can live. */
const LOST_AFTER_MS = 60_000;

/**
 * Makes a job whole again: what was claimed and never leased, what has no hint, what has all its outcomes.
 *
 * @param isAlone claims that no other scheduler is at work: then what is missing is lost, and whoever asks places what there is
 * @returns whether the job is over, and no longer listed as open
 */
export async function reconcileJob(cluster: Cluster, open: Row, { isAlone = false } = {}): Promise<boolean> {
  const now = cluster.now();
  const before = readable(cluster, open, openJobRow.parse) ?? {};
  const row = await readJob(cluster, open.sk);
  if (!row) {
    // Its submit may be on its way, or have died before the job's row: then nobody was told of it.
    if (now - (before.seen ?? now) > SUBMIT_WITHIN_MS) return removed(cluster, open);
    if (before.seen === undefined) await remember(cluster, open, { seen: now });
    return false;
  }
  const state = jobStateOf(row);
  // What is being purged is taken off the list by who purges it.
  if (JOB_STATES[state].hasEnded) return JOB_STATES[state].isKnown && removed(cluster, open);
  const header = headerOf(row);
  if (!JOB_STATES[state].givesTasks)
    return now - header.submitted > SUBMIT_WITHIN_MS && endSubmission(cluster, header, open);
  const queue = queueClass(header.flags, cluster.config.pools);
  const free = freeTasks(header);
  const cursor = Math.min(row.from ?? 0, free);
  // First, so that whatever it opens is seen below as what it is.
  if (hasWaits(header)) await queueOpened(cluster, await examineWaits(cluster, header, false));
  // Leases and hints are read before the pages: what moves on meanwhile is then seen at least once.
  const hints = (await listHints(cluster, await classesOf(cluster, header, queue), 10_000)).filter(
    ({ job }) => job === header.id,
  );
  const covered = [
    ...(await leasedRanges(cluster, header.id)),
    ...(await delayedRanges(cluster, header.id)),
    ...runRanges(hints),
    ...(await waitingRanges(cluster, header)),
    ...(cursor < free ? [[cursor, free] as const] : []),
  ];
  const reached = hasWaits(header) ? header.tasks : cursor;
  const pages = await outcomePages(cluster, header.id, reached, before.ended ?? []);
  const found = reconcile({ tasks: header.tasks, queue, cursor: reached, pages, covered, ended: before.ended ?? [] });
  if (found.complete) {
    await moveJob(cluster, header.id, JOB_MOVES.close);
    return removed(cluster, open);
  }
  const still = commonRanges(found.missing, before.missing ?? []);
  const lost = isAlone ? found.missing : now - (before.at ?? now) > LOST_AFTER_MS ? still : [];
  const rows = lost.length > 0 ? await lostRows(cluster, header, queue, lost, found) : [];
  if (cursor < free && !hints.some(({ run }) => !run))
    rows.push(...requeueRows([{ hint: cursorHint(header, queue, now) }], now, header));
  if (rows.length > 0) await cluster.store.write(rows);
  // What is missing for the first time begins its own wait, once nothing older is missing.
  const carried = lost.length === 0 && still.length > 0;
  const missing = carried ? still : found.missing;
  const at = missing.length === 0 ? undefined : carried ? (before.at ?? now) : now;
  await remember(cluster, open, { ended: found.ended, missing, at });
  if (rows.length > 0 && !isAlone) await place(cluster, [queue, ...found.classes.values()]);
  return false;
}

async function removed(cluster: Cluster, open: Row): Promise<true> {
  await cluster.store.remove([open]);
  return true;
}

async function remember(cluster: Cluster, open: Row, job: OpenJob): Promise<void> {
  const body = openJobRow.encode(job);
  if (body !== open.body) await cluster.store.write([{ pk: open.pk, sk: open.sk, body }]);
}

/**
 * A submission that never came to its end: each task gets a typed error, so that who waits is told. First it is
 * marked, in the same step that proves it not open; dying later leaves the rest to the next sweep.
 */
async function endSubmission(cluster: Cluster, header: JobHeader, open: Row): Promise<boolean> {
  const givenUp = await moveJob(cluster, header.id, JOB_MOVES.giveUp);
  if (!givenUp) return false;
  const { ahead } = parseAbortMarks(givenUp.after.aborted);
  for (const piece of ahead) await putAbortedAhead(cluster, header.id, piece);
  const evalue = "the submission was not completed within two minutes; submit the work again";
  const left = withoutRanges([[0, header.tasks]], mergedRanges(ahead));
  const runs = left.map(([from, to]) => ({ from, to, attempt: 1 }));
  const error = { code: "TaskAborted", ename: "TaskAborted", evalue } as const;
  await settleEnded(cluster, await putUnrun(cluster, header.id, runs, 0, "aborted", error));
  await moveJob(cluster, header.id, JOB_MOVES.close);
  return removed(cluster, open);
}

async function leasedRanges(cluster: Cluster, job: string): Promise<IndexRange[]> {
  const engines = await listEngines(cluster);
  return engines.flatMap(({ leases, parked }) =>
    [...leases, ...parked].filter((lease) => lease.job === job).flatMap((lease) => leaseRanges(lease)),
  );
}

async function delayedRanges(cluster: Cluster, job: string): Promise<IndexRange[]> {
  return runRanges((await delayedHints(cluster)).filter((hint) => hint.job === job));
}

function runRanges(hints: readonly Hint[]): IndexRange[] {
  return hints.flatMap(({ run }) => (run ? leaseRanges({ runs: run.runs }) : []));
}

/** Pages of the buckets below the cursor that were not complete at the last look. */
async function outcomePages(
  cluster: Cluster,
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

/** Queues lost tasks under a hop that none of the job's runs and pages has had. */
async function lostRows(
  cluster: Cluster,
  header: JobHeader,
  queue: string,
  lost: readonly IndexRange[],
  { spent, classes }: Pick<Findings, "spent" | "classes">,
): Promise<Row[]> {
  const hop = 1 + (await highestHop(cluster, header));
  const now = cluster.now();
  const pieces: { in: string; runs: LeaseRun[] }[] = [];
  for (const index of indexesOf(lost)) {
    const run = { from: index, to: index + 1, attempt: 1 + (spent.get(index) ?? 0) };
    const last = pieces.at(-1);
    const tail = last?.runs.at(-1);
    const standing = classes.get(index) ?? queue;
    if (last?.in !== standing || !fitLease(leaseRanges({ runs: [...last.runs, run] })))
      pieces.push({ in: standing, runs: [run] });
    else if (tail && tail.to === index && tail.attempt === run.attempt) tail.to++;
    else last.runs.push(run);
  }
  const hints = pieces.map(({ in: standing, runs }) => ({
    hint: { ...cursorHint(header, standing, now), tasks: leaseTasks({ runs }), run: { runs, hop } },
  }));
  cluster.log("requeued-lost", { job: header.id, tasks: lost });
  return requeuedRows(cluster, header, hints);
}

async function highestHop(cluster: Cluster, header: JobHeader): Promise<number> {
  let highest = 0;
  const see = (name: string | undefined) => {
    const hop = Number(name);
    if (Number.isInteger(hop)) highest = Math.max(highest, hop);
  };
  for (const row of await cluster.store.list(`job#${header.id}`, { from: "r#", to: "r$" }))
    see(row.sk.split(".").at(-1));
  for (let bucket = 0; bucket <= bucketOf(header.tasks - 1); bucket++)
    for (const row of await cluster.store.list(bucketPartition(header.id, bucket), { from: "o#", to: "o$" }))
      see(row.sk.split("#").at(-1));
  return highest;
}
