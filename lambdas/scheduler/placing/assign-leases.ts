import { type ClaimedWork, leaseOf } from "../../core/claimed-work.ts";
import type { Engine } from "../../core/engine.ts";
import type { LeaseRange } from "../../core/lease.ts";
import { cutLeases, type Share } from "../../core/placing/push-work.ts";
import { ANY_ENGINE } from "../../core/queue-name.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { swapEngine } from "../rows/engine-rows.ts";
import type { PlacingContext, StartingContext } from "./placing-context.ts";
import { returnWork } from "./return-work.ts";
import { newSession, startSession } from "./start-session.ts";

/**
 * Gives claimed tasks to the engines drawn for them, after the leases that an engine already has. Invokes an engine
 * that has no session. If another scheduler has changed an engine meanwhile, the tasks drawn for that engine are queued
 * again.
 *
 * @param engines the engines as read; replaced in the map as they change
 * @returns whether all tasks found their engine
 */
export async function assignLeases(
  cluster: PlacingContext,
  work: ClaimedWork,
  draws: Share["draws"],
  engines: Map<number, Engine>,
): Promise<boolean> {
  let clock = 0;
  const given = await Promise.all(
    [...cutLeases(work.ranges, draws, work.entry.requeued?.atMost)].map(async ([id, pieces]) => {
      const engine = engines.get(id);
      const assigned = cluster.now() + clock++ / 1000;
      const after = engine && (await give(cluster, engine, work, pieces, assigned));
      if (after) engines.set(id, after);
      else await returnWork(cluster, work, pieces.flat());
      return after !== undefined;
    }),
  );
  return given.every((one) => one);
}

async function give(
  cluster: StartingContext & Clock,
  engine: Engine,
  work: ClaimedWork,
  pieces: readonly LeaseRange[][],
  assigned: number,
): Promise<Engine | undefined> {
  const session = engine.session ?? newSession(cluster);
  const leases = [...engine.leases, ...pieces.map((ranges) => leaseOf(work, ranges))];
  // More work may wait in this queue, so the engine must read it when it reports.
  const { queue } = work.entry;
  const isNew = queue !== ANY_ENGINE && !engine.queues.includes(queue);
  const queues = isNew ? [...engine.queues, queue] : engine.queues;
  const given = await swapEngine(cluster, engine, { leases, session, assigned, queues });
  if (given && !engine.session) await startSession(cluster, given, session, work.header);
  return given;
}
