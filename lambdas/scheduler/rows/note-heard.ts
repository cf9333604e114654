import { heardSession, isWorthNoting } from "../../core/silence.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { swapEngine } from "./engine-rows.ts";
import type { EngineInSession } from "./held-session.ts";
import type { EngineAccess } from "./row-access.ts";

/**
 * Records in the engine's row that its session has sent a message, unless a message was recorded recently. Atomic
 * against every other change of the row: if the row has changed meanwhile, nothing is recorded until the session's next
 * message.
 */
export async function noteHeard(cluster: EngineAccess & Clock, engine: EngineInSession): Promise<void> {
  const now = cluster.now();
  if (isWorthNoting(engine.session, now))
    await swapEngine(cluster, engine, { session: heardSession(engine.session, now) });
}
