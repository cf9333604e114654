import type { EngineReply } from "../../adapters/lambda-starter.ts";
import type { Engine, Session, StartFailure } from "../../core/engine.ts";
import { placeInPool } from "../../core/roster.ts";
import type { EngineEvent } from "../../protocol/engine-event.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { isRetryable } from "../../protocol/retryable-error.ts";
import { shortReason } from "../../protocol/short-reason.ts";
import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { Pool } from "../ports/cluster-config.ts";
import type { Clock, EngineStarter, Randomness } from "../ports/scheduler-ports.ts";
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
 * Time in addition to `answerMs`, in milliseconds, for which the scheduler waits for an engine's answer. It exceeds the
 * maximum age of an event that an engine answers, by a margin for clocks that differ and for answers that a busy
 * machine delays. An answer that comes after the wait is lost, and the task runs again.
 */
const ANSWER_SLACK_MS = 920;

/** Fields of an event with which its lease may run before the session has begun. */
export type EarlyStart = Required<Pick<EngineEvent, "token" | "signed">> & Pick<EngineEvent, "answerMs">;

/** The result of invoking an engine. */
interface Invoked {
  /** Why the call failed, if it would fail again. */
  failed?: StartFailure;
  /** The engine's answer, if the event asked for one. */
  reply?: EngineReply;
}

/** A session that has not begun; the engine is invoked for it next. */
export function newSession(cluster: Clock & Randomness): Session {
  return { id: cluster.randomness.newSecret(), seq: 1, invoked: cluster.now(), tries: 1 };
}

/**
 * Invokes the engine for the session in its row. If the call fails, a later tick or sweep repeats it, because the
 * session has not begun. A failure that would recur is stored in the row, so that the pass that gives the session up
 * can report it.
 */
export async function startSession(
  cluster: StartingContext,
  engine: Engine,
  session: Session,
  header?: JobHeader,
): Promise<void> {
  const { failed } = await invokeEngine(cluster, engine, session, header);
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
 * @param early lets the engine run and report its first lease before the session has begun. With `answerMs`, waits for
 *   the report
 */
export async function invokeEngine(
  cluster: StartingContext,
  engine: Engine,
  session: Session,
  header?: JobHeader,
  early?: EarlyStart,
): Promise<Invoked> {
  const pool = poolOf(cluster, engine);
  if (!pool) return {};
  const lease = engine.leases[0];
  const event = { engine: engine.id, session: session.id, door: cluster.config.reportFunction };
  const who = { job: lease?.job, engine: engine.id, session: session.id, lease: session.seq };
  let of: StartFailure["of"] = "lease";
  try {
    const grant = lease && (await grantFor(cluster, { engine: engine.id, lease, seq: session.seq }, [], header));
    of = "engine";
    const carried = grant && JSON.stringify(grant).length <= EVENT_CHARS ? { ...event, grant, ...early } : event;
    const invoked = await send(cluster, functionOf(cluster, pool, engine), carried);
    cluster.log("session-started", who);
    return invoked;
  } catch (error) {
    cluster.log("start-failed", { ...who, error: String(error) });
    if (isRetryable(error)) return {};
    return { failed: { of, reason: shortReason(error) } };
  }
}

/** Sends the event and waits for the engine's answer if the event asks for one. */
async function send(cluster: EngineStarter, name: string, event: EngineEvent): Promise<Invoked> {
  const { answerMs, ...unanswered } = event;
  if (answerMs !== undefined)
    try {
      return { reply: await cluster.engines.call(name, event, answerMs + ANSWER_SLACK_MS) };
    } catch (error) {
      // After a temporary error, such as throttling, an asynchronous event is sent instead: Lambda keeps events while
      // the function is throttled.
      if (!isRetryable(error)) throw error;
    }
  await cluster.engines.start(name, unanswered);
  return {};
}

/** The function that the engine runs in. Engines are spread evenly over the pool's functions. */
function functionOf(cluster: RemembersFleet, { functions }: Pool, engine: Engine): string {
  return functions[placeInPool(cluster.memory.fleet.roster, engine) % functions.length] ?? "";
}
