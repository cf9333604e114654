import type { QueueEntry } from "../../core/queue-entry.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { StoredPage } from "../../protocol/scheduler-answer.ts";
import type { SubmitMessage, SubmittedJob } from "../../protocol/scheduler-messages.ts";
import { place } from "../placing/place.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import { type StartedEarly, takeBack } from "../placing/start-early.ts";
import { queueForModules } from "../rows/lacking-pools.ts";
import { cursorEntry, requeueRows } from "../rows/queue-rows.ts";
import { keepSweeping } from "../rows/sweep-rule.ts";
import { freeTasks, hasWaits } from "../rows/wait-rows.ts";
import { withCheckedWaits } from "../waiting/checked-waits.ts";
import { examineWaits } from "../waiting/examine-waits.ts";
import { queueReleased } from "../waiting/settle-ended.ts";
import { checkCode } from "./check-code.ts";
import { claimKeys } from "./claim-keys.ts";
import type { Cluster } from "./cluster.ts";
import { checkedQueue } from "./submit-steps/check-job.ts";
import { putJob } from "./submit-steps/put-job.ts";
import { leaseAtOnce, queueClaimed } from "./submit-steps/share-at-once.ts";
import { submittedAt } from "./submit-steps/submitted-at.ts";
import { type WrittenContent, writeContent } from "./submit-steps/write-content.ts";
import { takeReply } from "./take-reply.ts";

/**
 * Accepts jobs: writes the content, then the job's row, then the queue entry, and then places the work; finally makes
 * sure that the sweep rule is on. The row is written earlier in two cases: before the content for a job with an
 * idempotency key, and along with it for a single task that probably finds an idle engine. It is written once, under
 * the id that the client chose, so a repeated submission continues where the first one died.
 *
 * A single job whose tasks all find engines at once, with no work queued before it, is written with its tasks already
 * claimed, and leased: that needs no queue entry and no claim. A crash after the put and before the leases strands the
 * tasks, as does a crash before all content of a job is written. Then the client repeats the submission, or a
 * reconciliation recovers the tasks.
 *
 * @returns headers of jobs that another submission already made under the same idempotency key, and the outcome page of
 *   an awaited task that has ended
 * @throws NoEnginesRegistered, InvalidFlag, CodeShippingOff, UnknownFunction, Refused; before anything is written,
 *   unless an idempotency key is that of a purged job
 */
export async function submit(
  cluster: Cluster,
  message: SubmitMessage,
): Promise<{ existing: JobHeader[]; ended?: StoredPage | undefined }> {
  const pages = message.jobs.flatMap((job) => job.pages);
  checkCode(
    cluster,
    message.units,
    pages.flatMap(([, { functions }]) => functions),
  );
  const classed = await Promise.all(
    message.jobs.map(async (job) => ({
      ...job,
      queue: await queueForModules(cluster, job, await checkedQueue(cluster, job)),
    })),
  );
  const checked = await withCheckedWaits(cluster, classed);
  const now = cluster.now();
  const keptHeader = (header: JobHeader) => ({ ...header, submitted: submittedAt(header, now) });
  const { own: jobs, existing } = await claimKeys(cluster, checked, keptHeader);
  for (const { header, pages } of jobs)
    for (const [first, page] of pages) cluster.memory.jobs.specs.set(`${header.id}#${first}`, page);
  for (const { hash, body } of message.units) cluster.memory.jobs.units.set(hash, body);
  const written = await writeContent(cluster, message, jobs, now);
  for (const { header, last } of jobs)
    if (last) cluster.log("submitted", { job: header.id, tasks: [[0, header.tasks]], label: header.label });
  const { queued, waiting, started } = await putJobs(cluster, jobs, written, message.awaited === true, now);
  const ordered = waiting.sort((a, b) => (a.header.id < b.header.id ? -1 : 1));
  for (const { header, isNew } of ordered) await queueReleased(cluster, await examineWaits(cluster, header, isNew));
  if (queued.length > 0) {
    await cluster.store.write(
      queued.flatMap(({ entry: queueEntry, header }) => requeueRows([{ entry: queueEntry }], now, header)),
    );
    await place(cluster, [...new Set(queued.map(({ entry: queueEntry }) => queueEntry.queue))]);
  }
  // Of a job in parts, only the first and the last part turn the sweep rule on. The first part does because sweeps also
  // end a submission that is never completed.
  const isOpen = jobs.some(({ pages, last }) => last || pages[0]?.[0] === 0);
  const [ended] = await Promise.all([
    started && takeReply(cluster, started),
    isOpen ? keepSweeping(cluster, true) : undefined,
  ]);
  return { existing, ended };
}

/** Jobs whose rows were written, with tasks that are not leased yet. */
interface PutJobs {
  queued: { entry: QueueEntry; header: JobHeader }[];
  /** Jobs with tasks that wait for others. */
  waiting: { header: JobHeader; isNew: boolean }[];
  /** The engine of a job's only task. */
  started?: StartedEarly | undefined;
}

/** Puts the jobs' rows, and leases the tasks of those that were written with their tasks claimed. */
async function putJobs(
  cluster: PlacingContext,
  jobs: readonly (SubmittedJob & { queue: string })[],
  { atOnce, early }: WrittenContent,
  isAwaited: boolean,
  now: number,
): Promise<PutJobs> {
  const all: PutJobs = { queued: [], waiting: [] };
  await Promise.all(
    jobs.map(async (job) => {
      const put = early ? early.put : await putJob(cluster, job, now, atOnce !== undefined);
      if (atOnce?.given && !put?.claimed) await takeBack(cluster, atOnce.given);
      if (!put) return;
      if (hasWaits(put.header)) all.waiting.push(put);
      if (freeTasks(put.header) === 0) return;
      const entry = cursorEntry(put.header, job.queue, now);
      if (put.claimed && atOnce) all.started = await leaseAtOnce(cluster, entry, put.header, atOnce, isAwaited);
      else if (put.claimed) await queueClaimed(cluster, entry, put.header);
      else all.queued.push({ header: put.header, entry });
    }),
  );
  return all;
}
