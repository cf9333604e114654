import type { Engine, Session } from "../../core/engine.ts";
import type { Cluster } from "../cluster.ts";
import { readEngine } from "./engine-rows.ts";

/** An engine that has a session. */
export type EngineInSession = Engine & { session: Session };

/**
 * The engine whose session the sender holds, by a consistent read; `undefined` if the session is over, or is not the
 * sender's.
 */
export async function heldSession(
  cluster: Cluster,
  sender: { engine: number; session: string; nonce: string },
): Promise<EngineInSession | undefined> {
  const engine = await readEngine(cluster, sender.engine);
  if (!engine?.session) return undefined;
  const { session } = engine;
  if (session.id !== sender.session || session.nonce !== sender.nonce || session.over !== undefined) return undefined;
  return { ...engine, session };
}
