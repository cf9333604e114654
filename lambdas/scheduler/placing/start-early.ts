import type { EngineReply } from "../../adapters/lambda-starter.ts";
import { type ClaimedWork, leaseOf } from "../../core/claimed-work.ts";
import type { Engine, Session } from "../../core/engine.ts";
import { ANY_ENGINE } from "../../core/queue-name.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { readEngine, swapEngine } from "../rows/engine-rows.ts";
import type { EngineInSession } from "../rows/held-session.ts";
import { leaseToken } from "../rows/lease-token.ts";
import { fillRoom } from "./fill-room.ts";
import type { PlacingContext } from "./placing-context.ts";
import { invokeEngine, newSession, noteFailure, startSession } from "./start-session.ts";

/**
 * Time, in milliseconds, within which an engine must have run a task to return its report to the scheduler that waits
 * for the report. It is shorter than the time after which the engine begins the session.
 */
const ANSWER_MS = 80;

/** The engine of a job's only task, after it was invoked. */
export interface StartedEarly {
  engine: EngineInSession;
  header: JobHeader;
  /** The engine's answer, if the scheduler has waited for it. */
  reply: EngineReply | undefined;
  /** All engines as listed before the invocation, when this engine was idle. */
  listed?: Map<number, Engine>;
}

/** An engine that was idle and was given a job's only task, and that is invoked next. */
export type GivenEarly = EngineInSession;

/**
 * Gives a new job's only task to an idle engine.
 *
 * @returns `undefined` if another scheduler has changed the engine
 */
export async function giveEarly(
  cluster: PlacingContext,
  engine: Engine,
  work: ClaimedWork,
): Promise<GivenEarly | undefined> {
  const session: Session = { ...newSession(cluster), early: true };
  const { queue } = work.entry;
  const queues = queue === ANY_ENGINE || engine.queues.includes(queue) ? engine.queues : [...engine.queues, queue];
  const leases = [leaseOf(work, work.ranges)];
  const given = await swapEngine(cluster, engine, { leases, session, assigned: cluster.now(), queues });
  return given && { ...given, session };
}

/**
 * Invokes the engine of a lone task. The event carries a token, with which the task may run and be reported without a
 * call of `begin`. That saves the reads and writes of the call.
 *
 * The engine is invoked only after its row is written. If both were done in parallel, the task would run twice whenever
 * another scheduler changes the engine first.
 *
 * @param isAwaited whether to wait for a short task's report
 */
export async function startEarly(
  cluster: PlacingContext,
  engine: GivenEarly,
  header: JobHeader,
  isAwaited: boolean,
): Promise<StartedEarly> {
  const { session } = engine;
  const token = await leaseToken(cluster, engine, header);
  const early = token && isAwaited ? { ...token, answerMs: ANSWER_MS } : token;
  const { failed, reply } = await invokeEngine(cluster, engine, session, header, early);
  if (failed) await noteFailure(cluster, engine, session, failed);
  return { engine, header, reply };
}

/**
 * Takes a lone task back from an engine that was not invoked for it, because an earlier submission had already written
 * the job's row.
 */
export async function takeBack(cluster: PlacingContext, given: GivenEarly): Promise<void> {
  for (let engine: Engine | undefined = given; engine; engine = await readEngine(cluster, given.id)) {
    const { session, leases, queues } = engine;
    if (session?.id !== given.session.id || session.nonce !== undefined || session.over !== undefined) return;
    const left = leases.slice(1);
    const next = left.length > 0 ? newSession(cluster) : undefined;
    const after = await swapEngine(cluster, engine, { leases: left, session: next, queues: next ? queues : [] });
    if (after && next) await startSession(cluster, after, next);
    if (after) return fillRoom(cluster, queues);
  }
}
