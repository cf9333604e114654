import type { Session } from "../../core/engine.ts";
import { hasEligibleBeside } from "../../core/roster.ts";
import { sessionState } from "../../core/session-state.ts";
import { silenceOf } from "../../core/silence.ts";
import type { RemembersFleet } from "../memory/fleet-memory.ts";
import { alignEngines } from "../rows/align-engines.ts";
import { listEngines, swapEngine } from "../rows/engine-rows.ts";
import type { EngineInSession } from "../rows/held-session.ts";
import type { SparedFailures } from "../rows/spared-failures.ts";
import type { PlacingContext, StartingContext } from "./placing-context.ts";
import { revokeSession } from "./revoke-session.ts";
import { startSession } from "./start-session.ts";

/**
 * Time, in milliseconds, after which a session that has not begun is invoked again: Lambda may accept an event and
 * never deliver it.
 */
const BEGIN_WITHIN_MS = 2000;

/** Number of times that a session that does not begin is invoked before its tasks are requeued. */
const BEGIN_TRIES = 3;

/** Number of rests of an engine whose function cannot be invoked, before it is given up and its tasks end. */
const START_RESTS = 2;

/** The result of a pass over the sessions. */
interface Revived {
  /** Queues that have work again. */
  freed: string[];
  /** Whether an engine was given up. */
  gaveUp: boolean;
}

/**
 * Invokes again the sessions that did not begin, and revokes those that are lost. If a session cannot be started because
 * of the content of its lease, the lease is to blame. An engine that cannot be invoked is given up, with all its tasks,
 * after it has rested a few times, unless another pool may run them.
 *
 * @param failures collects the failures of single engines, so that they do not affect the others
 */
export async function reviveSessions(cluster: PlacingContext, failures: SparedFailures): Promise<Revived> {
  const now = cluster.now();
  const revived: Revived = { freed: [], gaveUp: false };
  const engines = await listEngines(cluster);
  await failures.spare("engines", () => alignEngines(cluster, engines));
  for (const engine of engines) {
    const { session } = engine;
    if (!session) continue;
    const one = await failures.spare(`engine ${engine.id}`, () => revive(cluster, { ...engine, session }, now));
    revived.freed.push(...(one?.freed ?? []));
    revived.gaveUp ||= one?.gaveUp ?? false;
  }
  return revived;
}

async function revive(cluster: PlacingContext, engine: EngineInSession, now: number): Promise<Revived> {
  const { session } = engine;
  const gaveUp = hasNotBegun(session) && isGivenUp(cluster, engine);
  const revoke = async (...[reason, blames]: [string, ("suspected" | "all")?]): Promise<Revived> => ({
    freed: (await revokeSession(cluster, engine, reason, blames)) ?? [],
    gaveUp,
  });
  switch (sessionState(session)) {
    case "none":
      break;
    case "revoking":
      return revoke(session.over ?? "");
    case "running":
    case "overdue": {
      if (now > (session.until ?? Number.POSITIVE_INFINITY)) return revoke("its invocation did not end in time");
      const silence = silenceOf(session, now);
      const seconds = Math.round((now - (session.heard ?? now)) / 1000);
      // Most likely the invocation has failed, and Lambda's record of the failure was lost too.
      if (silence === "silent") return revoke(`it sent no message for ${seconds} s`, "suspected");
      if (silence === "overdue") await swapEngine(cluster, engine, { session: { ...session, overdue: now } });
      break;
    }
    case "invoked":
    case "early":
      if (gaveUp) return revoke(whyNotBegun(session), "all");
      if (now - session.invoked <= BEGIN_WITHIN_MS) break;
      if (session.tries >= BEGIN_TRIES) return revoke(whyNotBegun(session));
      await invokeAgain(cluster, engine, now);
  }
  return { freed: [], gaveUp: false };
}

async function invokeAgain(cluster: StartingContext, engine: EngineInSession, now: number): Promise<void> {
  const again: Session = { ...engine.session, invoked: now, tries: engine.session.tries + 1, failed: undefined };
  const swapped = await swapEngine(cluster, engine, { session: again });
  if (swapped) await startSession(cluster, swapped, again);
}

function hasNotBegun(session: Session): boolean {
  const state = sessionState(session);
  return state === "invoked" || state === "early";
}

function whyNotBegun({ failed }: Session): string {
  return failed?.reason ?? "its invocation never began";
}

/** Whether to give the engine up, because its function still cannot be invoked and no other pool may run its tasks. */
function isGivenUp(cluster: RemembersFleet, { session, resting, leases, pool }: EngineInSession): boolean {
  if (session.failed?.of !== "engine" || (resting?.times ?? 0) < START_RESTS) return false;
  return !leases.some(({ queue }) => hasEligibleBeside(pool, queue, cluster.memory.fleet.roster));
}
