import type { SubmitMessage, SubmittedJob } from "../../../protocol/scheduler-messages.ts";
import type { RecoveryContext } from "../../placing/placing-context.ts";
import { hasWaits } from "../../rows/wait-rows.ts";
import { contentRows } from "./content-rows.ts";
import { type PutJob, putJob } from "./put-job.ts";
import { type AtOnce, isWhole, shareAtOnce } from "./share-at-once.ts";

/** What is known of a single job once its content is written. */
export interface WrittenContent {
  /** The engines that take it at once. */
  atOnce: AtOnce | undefined;
  /** Its row, if that was put meanwhile. */
  early: { put: PutJob | undefined } | undefined;
}

/**
 * Writes the jobs' other rows, while it looks for engines that can take a single job at once. If the last single task
 * found an engine, the row of this one is put meanwhile, with the task claimed. If it then finds none, it is queued as
 * claimed work.
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
