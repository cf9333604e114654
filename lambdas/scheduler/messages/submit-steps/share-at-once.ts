import type { ClaimedWork } from "../../../core/claimed-work.ts";
import { byLeastRecentlyAssigned, type Engine } from "../../../core/engine.ts";
import type { Share } from "../../../core/placing/push-work.ts";
import type { QueueEntry } from "../../../core/queue-entry.ts";
import { ANY_ENGINE } from "../../../core/queue-name.ts";
import type { JobHeader } from "../../../protocol/job-header.ts";
import type { SubmittedJob } from "../../../protocol/scheduler-messages.ts";
import { assignLeases } from "../../placing/assign-leases.ts";
import { place, sharesOf } from "../../placing/place.ts";
import type { PlacingContext, RecoveryContext } from "../../placing/placing-context.ts";
import { returnWork } from "../../placing/return-work.ts";
import { type GivenEarly, giveEarly, type StartedEarly, startEarly } from "../../placing/start-early.ts";
import { listEngines } from "../../rows/engine-rows.ts";
import { cursorEntry, listQueueEntries } from "../../rows/queue-rows.ts";

/** Whether one message holds the whole job. */
export function isWhole({ header, pages, last }: SubmittedJob): boolean {
  return last && pages.reduce((sum, [, page]) => sum + page.tasks.length, 0) === header.tasks;
}

/** The engines that would take a whole new job, and the tasks of each. */
export interface AtOnce {
  share: Share;
  engines: Map<number, Engine>;
  /** The engine that already has the job's only task. */
  given?: GivenEarly | undefined;
}

/**
 * Gives a new job's only task to an engine that this process remembers as idle, without reading anything. The write of
 * the engine's row succeeds only if the engine has been idle since. Then no other work waits before the task: work that
 * was queued after this process last listed the queue would have gone to that engine.
 *
 * @returns `undefined` if no engine is remembered as idle, or the engine has changed
 */
export async function giveRested(
  cluster: PlacingContext,
  header: JobHeader,
  queue: string,
  now: number,
): Promise<AtOnce | undefined> {
  const { fleet } = cluster.memory;
  const engines = queue === ANY_ENGINE ? fleet.rested : undefined;
  fleet.rested = undefined;
  if (!engines) return undefined;
  const entry = cursorEntry(header, queue, now);
  const [share] = sharesOf(cluster, [entry], [...engines.values()].sort(byLeastRecentlyAssigned));
  const [draw] = share?.draws ?? [];
  const engine = draw && engines.get(draw.engine);
  if (!share || !engine || !isIdle(engine)) return undefined;
  const given = await giveEarly(cluster, engine, wholeJob(entry, header));
  return given && { share, engines, given };
}

function isIdle({ leases, session }: Engine): boolean {
  return leases.length === 0 && session === undefined;
}

/**
 * The engines that would take all of a new job at once; `undefined` if other work is queued before the job, or if some
 * of its tasks find no room.
 */
export async function shareAtOnce(
  cluster: RecoveryContext,
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

/**
 * Assigns the leases of a job whose row was written with all its tasks claimed.
 *
 * @param isAwaited whether to wait for the report of a job's only task
 * @returns the engine that was invoked for a job's only task; `undefined` if there was none
 */
export async function leaseAtOnce(
  cluster: PlacingContext,
  entry: QueueEntry,
  header: JobHeader,
  { share, engines, given }: AtOnce,
  isAwaited: boolean,
): Promise<StartedEarly | undefined> {
  const work = wholeJob(entry, header);
  const [draw] = share.draws;
  const engine = draw && engines.get(draw.engine);
  if (header.tasks === 1 && engine && isIdle(engine)) {
    const taken = given ?? (await giveEarly(cluster, engine, work));
    if (taken) return { ...(await startEarly(cluster, taken, header, isAwaited)), listed: engines };
    await returnWork(cluster, work, work.ranges);
  } else if (await assignLeases(cluster, work, share.draws, engines)) return undefined;
  await place(cluster, [entry.queue]);
  return undefined;
}

/** Queues a job whose row was written with all its tasks claimed, because no engines can take all of them at once. */
export async function queueClaimed(cluster: PlacingContext, entry: QueueEntry, header: JobHeader): Promise<void> {
  const work = wholeJob(entry, header);
  await returnWork(cluster, work, work.ranges);
  await place(cluster, [entry.queue]);
}

function wholeJob(entry: QueueEntry, header: JobHeader): ClaimedWork {
  return { entry, header, ranges: [{ from: 0, to: header.tasks, attempt: 1 }], hop: 0, drained: true };
}
