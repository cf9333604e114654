import type { QueueEntry } from "../../core/queue-entry.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { SubmitMessage, SubmittedJob } from "../../protocol/scheduler-messages.ts";
import { place } from "../placing/place.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
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

/**
 * Accepts jobs: writes the spec pages, then the job's row, then the queue entry, and then places the work; finally
 * makes sure that the sweep rule is on. The job's row is put once, under the client's id, so a repeated submit is the
 * same submit and continues where the first one died.
 *
 * A single job whose tasks all find engines at once, with no work queued before it, is put with its tasks already
 * claimed, and leased: that needs no queue entry and no claim. A crash after the put and before the leases strands the
 * tasks, as does a crash before all content of a job is written. Then the client repeats the submission, or the search
 * for lost tasks finds them.
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
      queue: await queueForModules(cluster, job, await checkedQueue(cluster, job)),
    })),
  );
  const checked = await withCheckedWaits(cluster, classed);
  const now = cluster.now();
  const keptHeader = (header: JobHeader) => ({ ...header, submitted: submittedAt(header, now) });
  const { own: jobs, standing } = await claimKeys(cluster, checked, keptHeader);
  for (const { header, pages } of jobs)
    for (const [first, page] of pages) cluster.jobs.specs.set(`${header.id}#${first}`, page);
  for (const { hash, body } of message.units) cluster.jobs.units.set(hash, body);
  const written = await writeContent(cluster, message, jobs, now);
  const { queued, waiting } = await putJobs(cluster, jobs, written, now);
  const ordered = waiting.sort((a, b) => (a.header.id < b.header.id ? -1 : 1));
  for (const { header, isNew } of ordered) await queueReleased(cluster, await examineWaits(cluster, header, isNew));
  if (queued.length > 0) {
    await cluster.store.write(
      queued.flatMap(({ entry: queueEntry, header }) => requeueRows([{ entry: queueEntry }], now, header)),
    );
    await place(cluster, [...new Set(queued.map(({ entry: queueEntry }) => queueEntry.queue))]);
  }
  // For a job in parts, the first and the last part do this, because sweeps also end a submission that is never
  // completed.
  if (jobs.some(({ pages, last }) => last || pages[0]?.[0] === 0)) await keepSweeping(cluster, true);
  return standing;
}

/** Jobs that were put and are not handed out yet. */
interface PutJobs {
  queued: { entry: QueueEntry; header: JobHeader }[];
  /** Jobs with tasks that wait for others. */
  waiting: { header: JobHeader; isNew: boolean }[];
}

/** Puts the jobs' rows, and hands out those that were put with their tasks claimed. */
async function putJobs(
  cluster: PlacingContext,
  jobs: readonly (SubmittedJob & { queue: string })[],
  { atOnce, early }: WrittenContent,
  now: number,
): Promise<PutJobs> {
  const all: PutJobs = { queued: [], waiting: [] };
  await Promise.all(
    jobs.map(async (job) => {
      const put = early ? early.put : await putJob(cluster, job, now, atOnce !== undefined);
      if (!put) return;
      if (hasWaits(put.header)) all.waiting.push(put);
      if (freeTasks(put.header) === 0) return;
      const entry = cursorEntry(put.header, job.queue, now);
      if (put.claimed && atOnce) await leaseAtOnce(cluster, entry, put.header, atOnce);
      else if (put.claimed) await queueClaimed(cluster, entry, put.header);
      else all.queued.push({ header: put.header, entry });
    }),
  );
  return all;
}
