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

/** The engine in the sender's session: from memory if it is at the sender's lease, else by a read. */
export async function rememberedSession(
  cluster: Cluster,
  message: { engine: number; session: string; nonce: string; seq: number },
): Promise<EngineInSession | undefined> {
  const fits = (engine: Engine | undefined, exactly: boolean): engine is EngineInSession =>
    engine?.session?.id === message.session &&
    engine.session.nonce === message.nonce &&
    engine.session.over === undefined &&
    (!exactly || engine.session.seq === message.seq);
  const known = cluster.engines.get(message.engine);
  // A session with parked tasks may be remembered without the lease that it has been given since, under the same
  // number.
  if (fits(known, true) && known.leases.length > 0) return known;
  const read = await readEngine(cluster, message.engine);
  return fits(read, false) ? read : undefined;
}
