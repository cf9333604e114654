import * as v from "valibot";
import { withNamedLease } from "../../core/next-lease.ts";
import type { Clock, Log } from "../ports/scheduler-ports.ts";
import { readEngine } from "./engine-rows.ts";
import { type EngineInSession, inSession } from "./held-session.ts";
import type { EngineAccess, EngineReads } from "./row-access.ts";
import { signedText, signText } from "./signed-text.ts";
import { readSigningKey, signingKey } from "./signing-key.ts";

/** A lease that an outcome page has named, and the lease in the engine's row from which it follows. */
const Link = v.strictTuple([
  /** Distinguishes links from lease tokens, which are signed with the same key. */
  v.literal("link"),
  v.number(),
  v.string(),
  v.number(),
  v.number(),
  v.number(),
  v.number(),
]);

const LinkText = v.pipe(v.string(), v.parseJson(), Link);

/**
 * Signs that an engine holds the lease of task `next`. The engine returns the link with its report, so that the report
 * function need not follow the pages.
 *
 * @param base sequence number of the lease in the engine's row
 * @returns `undefined` if there is no key
 */
export async function leaseLink(
  cluster: EngineAccess & Clock & Log,
  { id, session: { id: session, seq } }: EngineInSession,
  base: number,
  next: number,
): Promise<string | undefined> {
  const key = await signingKey(cluster);
  const link: v.InferOutput<typeof Link> = ["link", id, session, base, seq + 1, next, cluster.now()];
  return key === undefined ? undefined : signText(key, JSON.stringify(link));
}

/**
 * Returns the engine with the lease that the sender's link names; `undefined` if the link is not valid, or the engine's
 * row has moved on. The row may come from memory: whether the session was revoked meanwhile shows when the page is
 * written.
 */
export async function linkedSession(
  cluster: EngineReads & Log,
  message: { engine: number; session: string; nonce: string; seq: number; link?: string | undefined },
): Promise<EngineInSession | undefined> {
  if (message.link === undefined) return undefined;
  const key = await readSigningKey(cluster);
  const text = key === undefined ? undefined : signedText(key, message.link);
  const parsed = v.safeParse(LinkText, text);
  if (!parsed.success) return undefined;
  const [, engine, session, base, seq, next, assigned] = parsed.output;
  if (engine !== message.engine || session !== message.session || seq !== message.seq) return undefined;
  const isBase = (shown: EngineInSession | undefined) =>
    shown?.session.id === session && shown.session.nonce === message.nonce && shown.session.seq === base;
  const known = inSession(cluster.memory.fleet.engines.get(engine));
  const shown = isBase(known) ? known : inSession(await readEngine(cluster, engine));
  if (!shown || !isBase(shown) || shown.session.over !== undefined) return undefined;
  return inSession(withNamedLease(shown, { seq, next, assigned }));
}
