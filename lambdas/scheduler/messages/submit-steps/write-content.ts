import type { SubmitMessage, SubmittedJob } from "../../../protocol/scheduler-messages.ts";
import type { RemembersFleet } from "../../memory/fleet-memory.ts";
import type { PlacingContext } from "../../placing/placing-context.ts";
import { hasWaits } from "../../rows/wait-rows.ts";
import { contentRows } from "./content-rows.ts";
import { type PutJob, putJob } from "./put-job.ts";
import { type AtOnce, giveRested, isWhole, shareAtOnce } from "./share-at-once.ts";

/** Results of `writeContent` for a single job. */
export interface WrittenContent {
  /** The engines that take the job at once; `undefined` if they cannot. */
  atOnce: AtOnce | undefined;
  /** The result of `putJob`, if the job's row was written together with its content. */
  early: { put: PutJob | undefined } | undefined;
}

/**
 * Writes all rows of the jobs except the jobs' own rows, and meanwhile looks for engines that can take the job at once
 * if the message has only one. If the last job with a single task found an engine at once, the row of the next such job
 * is written at the same time, with its task already claimed. If no engine can then take the task, the caller queues it
 * as claimed work.
 */
export async function writeContent(
  cluster: PlacingContext,
  message: SubmitMessage,
  jobs: readonly (SubmittedJob & { queue: string })[],
  now: number,
): Promise<WrittenContent> {
  const [only] = jobs;
  const isLone = only && jobs.length === 1 && isWhole(only) && only.header.key === undefined && !hasWaits(only.header);
  // No engine is looked for if a task submits the job while every engine has a lease: the task probably runs beside
  // others of its kind, which keep all engines busy.
  const isHopeless = only?.header.parent !== undefined && areAllBusy(cluster);
  const lone = isLone && !isHopeless ? only : undefined;
  const isSingle = lone?.header.tasks === 1;
  const [atOnce, early] = await Promise.all([
    lone && findAtOnce(cluster, lone, isSingle && cluster.memory.queues.findsRoom, now),
    isSingle && cluster.memory.queues.findsRoom ? putJob(cluster, lone, now, true).then((put) => ({ put })) : undefined,
    cluster.store.write(contentRows(message, jobs, now)),
  ]);
  if (isSingle) cluster.memory.queues.findsRoom = atOnce !== undefined;
  return { atOnce, early };
}

/** Whether every engine had a lease when this process last read or wrote its row. */
function areAllBusy({ memory }: RemembersFleet): boolean {
  for (const { leases } of memory.fleet.engines.values()) if (leases.length === 0) return false;
  return memory.fleet.engines.size > 0;
}

/**
 * Finds engines that take the job at once.
 *
 * @param isGivable whether to give the job's only task to an engine that is remembered as idle
 */
async function findAtOnce(
  cluster: PlacingContext,
  { header, queue }: SubmittedJob & { queue: string },
  isGivable: boolean,
  now: number,
): Promise<AtOnce | undefined> {
  const given = isGivable ? await giveRested(cluster, header, queue, now) : undefined;
  return given ?? shareAtOnce(cluster, header, queue, now);
}
