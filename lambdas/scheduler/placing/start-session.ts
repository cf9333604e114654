import type { Engine, Session, StartFailure } from "../../core/engine.ts";
import { placeInPool } from "../../core/roster.ts";
import type { EngineEvent } from "../../protocol/engine-event.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { isRetryable } from "../../protocol/retryable-error.ts";
import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { Pool } from "../ports/cluster-config.ts";
import type { Clock, Secrets } from "../ports/scheduler-ports.ts";
import { poolOf, swapEngine } from "../rows/engine-rows.ts";
import type { EngineAccess } from "../rows/row-access.ts";
import { grantFor } from "./grant.ts";
import type { StartingContext } from "./placing-context.ts";

/**
 * Maximum size of an event with its first lease, in characters: well below Lambda's limit of 1 MB, and billed as one
 * request.
 */
const EVENT_CHARS = 200_000;

/**
 * Maximum length of a failure's text in the engine's row, in characters. Short, because each lease rewrites the row.
 */
const REASON_CHARS = 300;

/** A session that has not begun; the engine is invoked for it next. */
export function newSession(cluster: Clock & Secrets): Session {
  return { id: cluster.newSecret(), seq: 1, invoked: cluster.now(), tries: 1 };
}

/**
 * Invokes the engine for the session in its row. If the call fails, any later pass repeats it, because the session has
 * not begun. A failure that would recur is stored in the row, so that the pass that gives the session up can report it.
 */
export async function startSession(
  cluster: StartingContext,
  engine: Engine,
  session: Session,
  header?: JobHeader,
): Promise<void> {
  const failed = await invokeEngine(cluster, engine, session, header);
  if (failed) await noteFailure(cluster, engine, session, failed);
}

/**
 * Stores in the engine's row why its session cannot be started. If the row has changed meanwhile, nothing is stored.
 */
export async function noteFailure(
  cluster: EngineAccess,
  engine: Engine,
  session: Session,
  failed: StartFailure,
): Promise<void> {
  await swapEngine(cluster, engine, { session: { ...session, failed } });
}

/**
 * Invokes the engine once.
 *
 * @param token lets the engine run and report its first lease before the session has begun
 * @returns why the call failed, if it would fail again; otherwise `undefined`
 */
export async function invokeEngine(
  cluster: StartingContext,
  engine: Engine,
  session: Session,
  header?: JobHeader,
  token?: Required<Pick<EngineEvent, "token" | "signed">>,
): Promise<StartFailure | undefined> {
  const pool = poolOf(cluster, engine);
  if (!pool) return undefined;
  const lease = engine.leases[0];
  const event = { engine: engine.id, session: session.id, door: cluster.config.reportFunction };
  let of: StartFailure["of"] = "lease";
  try {
    const grant = lease && (await grantFor(cluster, { engine: engine.id, lease, seq: session.seq }, [], header));
    of = "engine";
    const carried = grant && JSON.stringify(grant).length <= EVENT_CHARS ? { ...event, grant, ...token } : event;
    await cluster.startEngine(functionOf(cluster, pool, engine), carried);
    return undefined;
  } catch (error) {
    cluster.log("start-failed", { engine: engine.id, session: session.id, error: String(error) });
    if (isRetryable(error)) return undefined;
    return { of, reason: (String(error).split("\n")[0] ?? "").slice(0, REASON_CHARS) };
  }
}

/** The function that the engine runs in. Engines are spread evenly over the pool's functions. */
function functionOf(cluster: RemembersFleet, { functions }: Pool, engine: Engine): string {
  return functions[placeInPool(cluster.fleet.roster, engine) % functions.length] ?? "";
}
