import * as v from "valibot";
import type { Engine } from "../../core/engine.ts";
import { EngineResponse } from "../../protocol/engine-event.ts";
import type { StoredPage } from "../../protocol/scheduler-answer.ts";
import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import type { StartedEarly } from "../placing/start-early.ts";
import type { SweepSwitch } from "../ports/scheduler-ports.ts";
import { earlySession } from "../rows/held-session.ts";
import { revokeFailed } from "./on-failure.ts";
import { processReport } from "./report.ts";
import { verifiedFor } from "./report-steps/verify-report.ts";
import { storedPage } from "./stored-page.ts";

/**
 * Maximum time, in milliseconds, from the invocation of an engine until its answer is processed. Later, other
 * schedulers may have invoked the engine again, and have ended the job.
 */
const TAKEN_WITHIN_MS = 10_000;

/**
 * Processes the report with which an engine has answered the scheduler, as if the engine had sent it. If the invocation
 * has failed, its session is revoked, because Lambda sends no record of a failed synchronous invocation.
 *
 * A crash before the outcome page is written loses the report. The session has not begun then, so its engine is invoked
 * again.
 *
 * @returns the outcome page; `undefined` if the task has not ended, or another scheduler decides about it
 */
export async function takeReply(
  cluster: PlacingContext & SweepSwitch,
  { engine, header, reply, listed }: StartedEarly,
): Promise<StoredPage | undefined> {
  const { id } = engine.session;
  if (reply?.type === "failed") await revokeFailed(cluster, engine.id, id, reply.reason);
  if (reply?.type !== "answered") return undefined;
  const parsed = v.safeParse(EngineResponse, reply.response);
  if (!parsed.success) cluster.log("answer-unreadable", { engine: engine.id, session: id });
  const message = parsed.success ? parsed.output.report : undefined;
  if (message?.engine !== engine.id || cluster.now() - engine.session.invoked > TAKEN_WITHIN_MS) return undefined;
  const holder = earlySession(cluster, engine, message);
  const verified = holder && verifiedFor(cluster, message, holder, header);
  if (!verified || "answer" in verified) return undefined;
  cluster.memory.queues.foundNone = false;
  const { fenced } = await processReport(cluster, verified);
  remember(cluster, engine.id, listed);
  return fenced && storedPage(verified.lease, fenced.page);
}

/** Remembers that the engine is idle again, if nothing waited for it. */
function remember({ memory }: RemembersFleet & RemembersQueues, id: number, listed: Map<number, Engine> | undefined) {
  const engine = memory.fleet.engines.get(id);
  if (!listed || !engine || engine.session !== undefined || !memory.queues.foundNone) return;
  memory.fleet.rested = new Map(listed).set(id, engine);
}
