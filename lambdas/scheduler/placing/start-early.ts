import { type ClaimedWork, leaseOf } from "../../core/claimed-work.ts";
import type { Engine, Session } from "../../core/engine.ts";
import { ANY_ENGINE } from "../../core/queue-name.ts";
import { swapEngine } from "../rows/engine-rows.ts";
import { leaseToken } from "../rows/lease-token.ts";
import type { PlacingContext } from "./placing-context.ts";
import { returnWork } from "./return-work.ts";
import { invokeEngine, newSession, noteFailure } from "./start-session.ts";

/**
 * Gives a new job's only task to an idle engine. The event that starts the engine carries a token, with which the task
 * may run and be reported without a call of `begin`, its reads and its writes.
 *
 * The engine is invoked only after its row is written. If both were done in parallel, the task would run twice whenever
 * another scheduler changes the engine first.
 *
 * @returns false if another scheduler has changed the engine, so that the task was queued again
 */
export async function startEarly(cluster: PlacingContext, engine: Engine, work: ClaimedWork): Promise<boolean> {
  const session: Session = { ...newSession(cluster), early: true };
  const { queue } = work.entry;
  const queues = queue === ANY_ENGINE || engine.queues.includes(queue) ? engine.queues : [...engine.queues, queue];
  const leases = [leaseOf(work, work.runs)];
  const given = await swapEngine(cluster, engine, { leases, session, assigned: cluster.now(), queues });
  if (!given) {
    await returnWork(cluster, work, work.runs);
    return false;
  }
  const failed = await invokeEngine(
    cluster,
    given,
    session,
    work.header,
    await leaseToken(cluster, given, work.header),
  );
  if (failed) await noteFailure(cluster, given, session, failed);
  return true;
}
