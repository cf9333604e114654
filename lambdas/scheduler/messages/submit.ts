import type { Engine } from "../../core/engine.ts";
import { canMove, JOB_MOVES, jobFacts, jobStateOf } from "../../core/job-state.ts";
import type { Share } from "../../core/placing/push-work.ts";
import type { QueueEntry } from "../../core/queue-entry.ts";
import { ANY_ENGINE, QUEUE_NAME_CHARS, queueName } from "../../core/queue-name.ts";
import { eligibleCount } from "../../core/roster.ts";
import { InvalidFlag, NoEnginesRegistered, Refused } from "../../protocol/errors.ts";
import { holdsIndex, idsText, mergedRanges } from "../../protocol/index-ranges.ts";
import { jobRow } from "../../protocol/job-row.ts";
import { listedJobRow } from "../../protocol/listed-job.ts";
import { codeKey, dayKey, jobKey, OPEN_PARTITION, type Row, specPageKey } from "../../protocol/rows.ts";
import type { JobHeader, SubmitMessage, SubmittedJob } from "../../protocol/scheduler-messages.ts";
import { specPageRow } from "../../protocol/spec-page-row.ts";
import type { Cluster } from "../cluster.ts";
import { assignLeases } from "../placing/assign-leases.ts";
import { place, sharesOf } from "../placing/place.ts";
import { expiryRow } from "../rows/due-rows.ts";
import { listEngines } from "../rows/engine-rows.ts";
import { headerOf, moveJob, readJob } from "../rows/job-row.ts";
import { classForModules } from "../rows/lacking-pools.ts";
import { NOT_LOOKED_AT } from "../rows/open-job.ts";
import { cursorEntry, listQueueEntries, queueRows, requeueRows } from "../rows/queue-rows.ts";
import { readRoster } from "../rows/roster-row.ts";
import { keepSweeping } from "../rows/sweep-rule.ts";
import { freeTasks, hasWaits, waitRows } from "../rows/wait-rows.ts";
import { withCheckedWaits } from "../waiting/checked-waits.ts";
import { examineWaits } from "../waiting/examine-waits.ts";
import { queueReleased } from "../waiting/settle-ended.ts";
import { checkCode } from "./check-code.ts";
import { claimKeys } from "./claim-keys.ts";

/** A client clock that is off by more than this is not used for deadlines. */
const CLOCK_SLACK_MS = 5000;

/**
 * Accepts jobs: writes the spec pages, then the job's row, then the queue entry, then places; finally makes sure that
 * the sweep rule is on. The row is put once, under the client's id, so a repeated submit is the same submit and
 * continues where the first one died.
 *
 * A lone job whose tasks all find engines at once, with no work queued before it, is put with its tasks already
 * claimed, and handed out: five calls instead of eleven, and no queue entry.
 *
 * @returns headers of jobs that another submission already made under the same idempotency key
 * @throws NoEnginesRegistered, InvalidFlag, CodeShippingOff, UnknownFunction, Refused before anything is written
 */
export async function submit(cluster: Cluster, message: SubmitMessage): Promise<JobHeader[]> {
  const pages = message.jobs.flatMap((job) => job.pages);
  checkCode(
    cluster,
    message.units,
    pages.flatMap(([, { functions }]) => functions),
  );
  const classed = await Promise.all(
    message.jobs.map(async (job) => ({
      ...job,
      queue: await classForModules(cluster, job, await checkedClass(cluster, job)),
    })),
  );
  const checked = await withCheckedWaits(cluster, classed);
  const now = cluster.now();
  const keptHeader = (header: JobHeader) => ({ ...header, submitted: submittedAt(header, now) });
  const { own: jobs, standing } = await claimKeys(cluster, checked, keptHeader);
  for (const { header, pages } of jobs)
    for (const [first, page] of pages) cluster.specs.set(`${header.id}#${first}`, page);
  for (const { hash, body } of message.units) cluster.units.set(hash, body);
  const [only] = jobs;
  const [atOnce] = await Promise.all([
    only && jobs.length === 1 && isWhole(only) && only.header.key === undefined && !hasWaits(only.header)
      ? shareAtOnce(cluster, only.header, only.queue, now)
      : undefined,
    cluster.store.write(contentRows(message, jobs, now)),
  ]);
  const opened: { entry: QueueEntry; header: JobHeader }[] = [];
  const waiting: { header: JobHeader; isNew: boolean }[] = [];
  await Promise.all(
    jobs.map(async (job) => {
      const put = await putJob(cluster, job, now, atOnce !== undefined);
      if (!put) return;
      if (hasWaits(put.header)) waiting.push(put);
      if (freeTasks(put.header) === 0) return;
      const entry = cursorEntry(put.header, job.queue, now);
      if (put.claimed && atOnce) await handOutAtOnce(cluster, entry, put.header, atOnce);
      else opened.push({ header: put.header, entry });
    }),
  );
  const ordered = waiting.sort((a, b) => (a.header.id < b.header.id ? -1 : 1));
  for (const { header, isNew } of ordered) await queueReleased(cluster, await examineWaits(cluster, header, isNew));
  if (opened.length > 0) {
    await cluster.store.write(
      opened.flatMap(({ entry: queueEntry, header }) => requeueRows([{ entry: queueEntry }], now, header)),
    );
    await place(cluster, [...new Set(opened.map(({ entry: queueEntry }) => queueEntry.queue))]);
  }
  // For a job in parts, the first and the last part do this: sweeps also end a submission that is never completed.
  if (jobs.some(({ pages, last }) => last || pages[0]?.[0] === 0)) await keepSweeping(cluster, true);
  return standing;
}

/**
 * Rows that are the same whoever writes them: code, specs, deadlines, wait groups, and the lists of open jobs, of the
 * day's jobs and of queues.
 */
function contentRows(message: SubmitMessage, jobs: readonly (SubmittedJob & { queue: string })[], now: number): Row[] {
  const rows: Row[] = message.units.map(({ hash, body }) => ({ ...codeKey(hash), body }));
  rows.push(...queueRows(jobs.map(({ queue }) => queue)));
  for (const { header, pages, queue, waits } of jobs) {
    const { deadlineMs, timeoutMs } = header.flags;
    const submitted = submittedAt(header, now);
    if (deadlineMs) rows.push(expiryRow(submitted + deadlineMs, header.id, queue));
    // Waiting on dependencies counts as waiting in the queue, as in ipyparallel.
    if (timeoutMs && hasWaits(header)) rows.push(expiryRow(submitted + timeoutMs, header.id, queue));
    rows.push(...waitRows(header.id, waits ?? []));
    for (const [first, page] of pages) rows.push({ ...specPageKey(header.id, first), body: specPageRow.encode(page) });
    rows.push({ pk: OPEN_PARTITION, sk: header.id, body: NOT_LOOKED_AT });
    const about = { tasks: header.tasks, label: header.label, client: header.client };
    rows.push({ ...dayKey(new Date(header.submitted).toISOString(), header.id), body: listedJobRow.encode(about) });
  }
  return rows;
}

/** Whether one message holds the whole job. */
function isWhole({ header, pages, last }: SubmittedJob): boolean {
  return last && pages.reduce((sum, [, page]) => sum + page.tasks.length, 0) === header.tasks;
}

interface AtOnce {
  share: Share;
  engines: Map<number, Engine>;
}

/**
 * The engines that would take all of a new job at once; `undefined` if other work is queued before it, or not all of it
 * finds room.
 */
async function shareAtOnce(
  cluster: Cluster,
  header: JobHeader,
  queue: string,
  now: number,
): Promise<AtOnce | undefined> {
  const [entries, engines] = await Promise.all([
    listQueueEntries(cluster, [...new Set([ANY_ENGINE, queue])], 1),
    listEngines(cluster),
  ]);
  if (entries.length > 0) return undefined;
  const [share] = sharesOf(cluster, [cursorEntry(header, queue, now)], engines);
  const drawn = share?.draws.reduce((sum, { tasks }) => sum + tasks, 0);
  if (!share || drawn !== header.tasks) return undefined;
  return { share, engines: new Map(engines.map((engine) => [engine.id, engine])) };
}

/** Hands out a job whose row was put with all its tasks claimed. */
async function handOutAtOnce(
  cluster: Cluster,
  entry: QueueEntry,
  header: JobHeader,
  { share, engines }: AtOnce,
): Promise<void> {
  const runs = [{ from: 0, to: header.tasks, attempt: 1 }];
  const all = await assignLeases(cluster, { entry, header, runs, hop: 0, drained: true }, share.draws, engines);
  if (!all) await place(cluster, [entry.queue]);
}

/**
 * Puts a job's row: open, or `submitting` while more parts are to come.
 *
 * @param claimed puts the cursor at the end: if the row is new, the caller holds all tasks
 * @returns `undefined` if there is nothing to place, not yet or no longer
 */
async function putJob(
  cluster: Cluster,
  job: SubmittedJob,
  now: number,
  claimed: boolean,
): Promise<{ header: JobHeader; claimed: boolean; isNew: boolean } | undefined> {
  const { header } = job;
  const kept: JobHeader = { ...header, submitted: submittedAt(header, now) };
  const key = jobKey(header.id);
  const { to: state } = job.last ? JOB_MOVES.submit : JOB_MOVES.begin;
  const from = claimed ? header.tasks : 0;
  // The claimer must recognise its own row if the SDK repeated a put whose response was lost.
  const rev = Math.floor(cluster.random() * 2 ** 48);
  const row = { ...key, body: jobRow.encode(kept), from, to: freeTasks(header), state, rev };
  const standing = await cluster.store.putOnce(row);
  const known = standing ? headerOf(standing) : kept;
  cluster.headers.set(header.id, known);
  // Wait groups may arrive in parts, of which this process may have seen only some.
  if (job.waits !== undefined) cluster.graphs.delete(header.id);
  if (!job.last) return undefined;
  if (claimed && (!standing || standing.rev === rev)) return { header: known, claimed: true, isNew: true };
  let found: Row = standing ?? row;
  if (canMove(JOB_MOVES.complete, jobStateOf(found))) {
    const opened = await moveJob(cluster, header.id, JOB_MOVES.complete);
    const after = opened?.after ?? (await readJob(cluster, header.id));
    if (!after) return undefined;
    found = after;
  }
  return jobFacts(found).givesTasks ? { header: known, claimed: false, isNew: standing === undefined } : undefined;
}

/** When the job was submitted, epoch milliseconds: by the client's clock, unless that is off. */
function submittedAt(header: JobHeader, now: number): number {
  return Math.abs(header.submitted - now) > CLOCK_SLACK_MS ? now : header.submitted;
}

/**
 * Checks that a job can be accepted, and returns its queue.
 *
 * @throws NoEnginesRegistered, InvalidFlag for targets that cannot be met, Refused for pages that do not fit the job
 */
async function checkedClass(cluster: Cluster, { header, pages, last }: SubmittedJob): Promise<string> {
  const { pools } = cluster.config;
  const queue = queueName(header.flags, pools);
  if (queue !== ANY_ENGINE) await checkEngines(cluster, header, queue);
  let at = pages[0]?.[0] ?? 0;
  for (const [first, page] of pages) {
    const due = Math.min(header.pageTasks, header.tasks - first);
    if (first % header.pageTasks !== 0 || first !== at || page.tasks.length !== due)
      throw new Refused(`job ${header.id}: the spec page at ${first} does not hold the ${due} tasks that belong there`);
    const stray = page.tasks.find(([fn]) => fn >= page.functions.length);
    if (stray)
      throw new Refused(
        `job ${header.id}: a task of the page at ${first} names function ${stray[0]}, which the page lacks`,
      );
    at = first + due;
  }
  // The last of several parts does not begin at the first task.
  if (last && pages[0]?.[0] === 0 && at < header.tasks)
    throw new Refused(`job ${header.id}: its pages end at task ${at} of ${header.tasks}`);
  return queue;
}

/**
 * Refuses targets that do not exist. If they do not match the roster that this process remembers, the roster is read
 * again.
 */
async function checkEngines(cluster: Cluster, header: JobHeader, queue: string): Promise<void> {
  if (queue.length > QUEUE_NAME_CHARS)
    throw new InvalidFlag(
      "targets",
      "must name fewer engines, or a pool: too many single ids that do not follow each other",
    );
  if (!targetFault(cluster, header, queue)) return;
  await readRoster(cluster);
  const fault = targetFault(cluster, header, queue);
  if (fault) throw fault;
}

function targetFault({ roster }: Cluster, { flags }: JobHeader, queue: string): Error | undefined {
  const { targets, memoryMb, waitForNew } = flags;
  const known = mergedRanges(roster.flatMap(({ ids }) => ids));
  const strange = Array.isArray(targets) ? targets.filter((id) => !holdsIndex(known, id)) : [];
  if (strange.length > 0)
    return new NoEnginesRegistered(
      `there is no engine ${strange.slice(0, 10).join(", ")}; engine ids are ${idsText(known) || "none"}`,
    );
  if (typeof targets === "string" && !roster.some(({ name }) => name === targets))
    return new NoEnginesRegistered(
      `there is no pool named ${JSON.stringify(targets)}; pools are ${roster.map(({ name }) => name).join(", ")}`,
    );
  if (waitForNew || eligibleCount(queue, roster) > 0) return undefined;
  if (memoryMb === undefined) return new NoEnginesRegistered(`pool ${targets} has no engines: scale it up`);
  const largest = Math.max(0, ...roster.filter(({ ids }) => ids.length > 0).map((pool) => pool.memoryMb));
  return new InvalidFlag(
    "memoryMb",
    `must be ${largest} or less, the memory of the largest ${targets === undefined ? "pool" : "pool in targets"}, not ${memoryMb}`,
  );
}
