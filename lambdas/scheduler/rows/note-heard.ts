import { heardSession, isWorthNoting } from "../../core/silence.ts";
import type { Cluster } from "../cluster.ts";
import { swapEngine } from "./engine-rows.ts";
import type { EngineInSession } from "./held-session.ts";

/**
 * Notes in its row that a session was heard of, at a slow pace: what else writes the row for it notes that along. Where the row has
 * changed meanwhile the next message does it.
 */
export async function noteHeard(cluster: Cluster, engine: EngineInSession): Promise<void> {
  const now = cluster.now();
  if (isWorthNoting(engine.session, now))
    await swapEngine(cluster, engine, { session: heardSession(engine.session, now) });
}
