import type { Engine, Session } from "../../core/engine.ts";
import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { Configured } from "../ports/cluster-config.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { boundSession } from "./bound-session.ts";
import { readEngine } from "./engine-rows.ts";
import { followPages } from "./follow-pages.ts";
import { openToken } from "./lease-token.ts";
import type { EngineReads, SessionAccess } from "./row-access.ts";

/** An engine that has a session. */
export type EngineInSession = Engine & { session: Session };

/**
 * Reads the engine whose session the sender holds; `undefined` if the session is over, or is not the sender's. The read
 * is consistent.
 */
export async function heldSession(
  cluster: EngineReads,
  sender: { engine: number; session: string; nonce: string },
): Promise<EngineInSession | undefined> {
  const engine = await readEngine(cluster, sender.engine);
  if (!engine?.session) return undefined;
  const { session } = engine;
  if (session.id !== sender.session || session.nonce !== sender.nonce || session.over !== undefined) return undefined;
  return inSession((await followPages(cluster, engine)).engine);
}

/**
 * The engine in the sender's session: from memory if the remembered row shows the sender's lease, otherwise by a read.
 * `undefined` if the session is over, or is not the sender's.
 */
export async function rememberedSession(
  cluster: EngineReads,
  message: { engine: number; session: string; nonce: string; seq: number },
): Promise<EngineInSession | undefined> {
  const fits = (engine: Engine | undefined, exactly: boolean): engine is EngineInSession =>
    engine?.session?.id === message.session &&
    engine.session.nonce === message.nonce &&
    engine.session.over === undefined &&
    (!exactly || engine.session.seq === message.seq);
  const known = cluster.memory.fleet.engines.get(message.engine);
  // A session with parked tasks may have got a lease since it was remembered, under the same sequence number.
  if (fits(known, true) && known.leases.length > 0) return known;
  const read = await readEngine(cluster, message.engine);
  // If the report was processed before, its page may have named the next lease, which the engine's row does not show.
  // The write of the page then finds that page.
  if (fits(read, true)) return read;
  return fits(read, false) ? inSession((await followPages(cluster, read)).engine) : undefined;
}

/**
 * The engine in the sender's session as this process remembers it, for callers that fail safely if the session has
 * ended since, or holds other tasks by now.
 */
export function knownSession(
  { memory }: RemembersFleet,
  sender: { engine: number; session: string; nonce: string },
): EngineInSession | undefined {
  const known = inSession(memory.fleet.engines.get(sender.engine));
  const isSender = known?.session.id === sender.session && known.session.nonce === sender.nonce;
  return isSender && known.session.over === undefined ? known : undefined;
}

/** The engine, if it has a session. */
export function inSession(engine: Engine | undefined): EngineInSession | undefined {
  return engine?.session && { ...engine, session: engine.session };
}

/**
 * Returns the engine for a first report that begins its session by a lease token. The token vouches for the engine's
 * row as it was when the token was signed; if this process knows a later revision, the row is read.
 *
 * @returns `undefined` if the token is not valid, or the session is over, or another invocation has begun it
 */
export async function tokenSession(
  cluster: SessionAccess,
  message: { engine: number; session: string; nonce: string; seq: number; token?: string | undefined },
): Promise<EngineInSession | undefined> {
  const trusted = message.token === undefined ? undefined : await openToken(cluster, message.token);
  if (trusted?.engine.id !== message.engine) return undefined;
  cluster.memory.jobs.headers.set(trusted.header.id, trusted.header);
  const known = cluster.memory.fleet.engines.get(message.engine);
  const isOld = known !== undefined && known.rev > trusted.engine.rev;
  return earlySession(cluster, isOld ? await readEngine(cluster, message.engine) : trusted.engine, message);
}

/**
 * The engine in the session of a first report that was sent without `begin`; `undefined` if the session is not the
 * sender's.
 */
export function earlySession(
  cluster: Clock & Configured,
  engine: Engine | undefined,
  message: { session: string; nonce: string; seq: number },
): EngineInSession | undefined {
  const { session } = engine ?? {};
  if (!engine || session?.id !== message.session || session.seq !== message.seq || session.over !== undefined)
    return undefined;
  if (session.nonce === message.nonce) return { ...engine, session };
  if (session.nonce !== undefined || !session.early) return undefined;
  return { ...engine, session: boundSession(cluster, engine, session, message.nonce), resting: undefined };
}
