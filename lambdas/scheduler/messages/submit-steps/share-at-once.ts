import type { ClaimedWork } from "../../../core/claimed-work.ts";
import type { Engine } from "../../../core/engine.ts";
import type { Share } from "../../../core/placing/push-work.ts";
import type { QueueEntry } from "../../../core/queue-entry.ts";
import { ANY_ENGINE } from "../../../core/queue-name.ts";
import type { JobHeader } from "../../../protocol/job-header.ts";
import type { SubmittedJob } from "../../../protocol/scheduler-messages.ts";
import { assignLeases } from "../../placing/assign-leases.ts";
import { place, sharesOf } from "../../placing/place.ts";
import type { PlacingContext, RecoveryContext } from "../../placing/placing-context.ts";
import { returnWork } from "../../placing/return-work.ts";
import { startEarly } from "../../placing/start-early.ts";
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
}

/**
 * The engines that would take all of a new job at once; `undefined` if other work is queued before it, or not all of it
 * finds room.
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

/** Assigns the leases of a job whose row was put with all its tasks claimed. */
export async function leaseAtOnce(
  cluster: PlacingContext,
  entry: QueueEntry,
  header: JobHeader,
  { share, engines }: AtOnce,
): Promise<void> {
  const work = wholeJob(entry, header);
  const [draw] = share.draws;
  const engine = draw && engines.get(draw.engine);
  const isEarly = header.tasks === 1 && engine && engine.leases.length === 0 && engine.session === undefined;
  const all = isEarly
    ? await startEarly(cluster, engine, work)
    : await assignLeases(cluster, work, share.draws, engines);
  if (!all) await place(cluster, [entry.queue]);
}

/** Queues a job whose row was put with all its tasks claimed, because no engines can take all of them at once. */
export async function queueClaimed(cluster: PlacingContext, entry: QueueEntry, header: JobHeader): Promise<void> {
  const work = wholeJob(entry, header);
  await returnWork(cluster, work, work.runs);
  await place(cluster, [entry.queue]);
}

function wholeJob(entry: QueueEntry, header: JobHeader): ClaimedWork {
  return { entry, header, runs: [{ from: 0, to: header.tasks, attempt: 1 }], hop: 0, drained: true };
}
