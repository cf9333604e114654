import { type EngineAnswer, refused } from "../../../protocol/engine-answer.ts";
import type { ReportMessage } from "../../../protocol/report-messages.ts";
import { grantFor } from "../../placing/grant.ts";
import type { GrantContext } from "../../placing/placing-context.ts";
import { type EngineInSession, rememberedSession } from "../../rows/held-session.ts";
import type { EngineReads } from "../../rows/row-access.ts";
import { waitingAnswer } from "../../waiting/parked-aborts.ts";

/** Answers a report again that was already processed, because its answer was lost. */
export async function answerAgain(
  cluster: GrantContext,
  engine: EngineInSession,
  message: ReportMessage,
): Promise<EngineAnswer> {
  const lease = engine.leases[0];
  if (!lease) return waitingAnswer(cluster, engine, engine.session.seq);
  if (message.running.length > 0) return { type: "continue", seq: engine.session.seq };
  const { seq } = engine.session;
  return { type: "lease", grant: await grantFor(cluster, { engine: engine.id, lease, seq }, message.have) };
}

/**
 * Answers a report after another scheduler has changed the engine's row. If that scheduler processed the same report,
 * the report is answered again; if it revoked the session, the report is refused.
 */
export async function answerOvertaken(
  cluster: GrantContext & EngineReads,
  message: ReportMessage,
): Promise<EngineAnswer> {
  const engine = await rememberedSession(cluster, message);
  if (engine && message.seq === engine.session.seq - 1) return answerAgain(cluster, engine, message);
  return refused("the session was revoked");
}
