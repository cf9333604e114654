import type { SubmitMessage, SubmittedJob } from "../../../protocol/scheduler-messages.ts";
import type { RecoveryContext } from "../../placing/placing-context.ts";
import { hasWaits } from "../../rows/wait-rows.ts";
import { contentRows } from "./content-rows.ts";
import { type PutJob, putJob } from "./put-job.ts";
import { type AtOnce, isWhole, shareAtOnce } from "./share-at-once.ts";

/** Results of `writeContent` for a single job. */
export interface WrittenContent {
  /** The engines that take the job at once; `undefined` if they cannot. */
  atOnce: AtOnce | undefined;
  /** The result of `putJob`, if the job's row was put together with its content. */
  early: { put: PutJob | undefined } | undefined;
}

/**
 * Writes all rows of the jobs but their own, and meanwhile looks for engines that can take a single job at once. If the
 * last job of a single task found an engine, the row of such a job is put at the same time, with its task already
 * claimed. If no engine can then take the task, the caller queues it as claimed work.
 */
export async function writeContent(
  cluster: RecoveryContext,
  message: SubmitMessage,
  jobs: readonly (SubmittedJob & { queue: string })[],
  now: number,
): Promise<WrittenContent> {
  const [only] = jobs;
  const lone =
    only && jobs.length === 1 && isWhole(only) && only.header.key === undefined && !hasWaits(only.header)
      ? only
      : undefined;
  const isSingle = lone?.header.tasks === 1;
  const [atOnce, early] = await Promise.all([
    lone && shareAtOnce(cluster, lone.header, lone.queue, now),
    isSingle && cluster.queues.findsRoom ? putJob(cluster, lone, now, true).then((put) => ({ put })) : undefined,
    cluster.store.write(contentRows(message, jobs, now)),
  ]);
  if (isSingle) cluster.queues.findsRoom = atOnce !== undefined;
  return { atOnce, early };
}
