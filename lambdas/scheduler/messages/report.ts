import type { EngineAnswer } from "../../protocol/engine-answer.ts";
import type { ReportMessage } from "../../protocol/report-messages.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import type { SweepSwitch } from "../ports/scheduler-ports.ts";
import type { Cluster } from "./cluster.ts";
import { endedChildren } from "./ended-children.ts";
import { answerReport } from "./report-steps/answer-report.ts";
import { type FencedReport, fenceReport } from "./report-steps/fence-report.ts";
import { moveEngine } from "./report-steps/move-engine.ts";
import { answerNamed } from "./report-steps/name-next.ts";
import { isPlain, processPlain } from "./report-steps/plain-report.ts";
import { answerOvertaken } from "./report-steps/repeated-report.ts";
import { settleReport } from "./report-steps/settle-report.ts";
import { type VerifiedReport, verifyReport } from "./report-steps/verify-report.ts";

/**
 * Processes the report on a lease and answers with the next lease.
 *
 * The page is written first: it decides between a report and a revocation, and everything else follows from it. Then
 * the next work is claimed, and dependents are resolved. Requeued and released tasks are queued next. The engine's row
 * is written last, conditionally. A crash between any two of these steps loses nothing: the engine repeats the report,
 * or its session is revoked, and both derive the same queue entries from the page.
 */
export async function report(cluster: Cluster, message: ReportMessage): Promise<EngineAnswer> {
  const verified = await verifyReport(cluster, message);
  if ("answer" in verified) return verified.answer;
  const { answer, fenced } = await processReport(cluster, verified);
  if (answer.type === "idle" || answer.type === "refused" || !fenced || fenced.isEmpty) return answer;
  return { ...answer, ...endedChildren(verified.engine, verified.header, verified.lease, fenced.page) };
}

/**
 * Processes a report that was verified.
 *
 * @returns the answer, and the report's page unless it was refused
 */
export async function processReport(
  cluster: PlacingContext & SweepSwitch,
  verified: VerifiedReport,
): Promise<{ answer: EngineAnswer; fenced?: FencedReport }> {
  const { message } = verified;
  if (isPlain(cluster, verified)) return processPlain(cluster, verified);
  const fenced = await fenceReport(cluster, verified);
  if ("answer" in fenced) return fenced;
  const { next } = fenced.page;
  if (next !== undefined) return { answer: await answerNamed(cluster, verified, fenced.claimed, next), fenced };
  const settled = await settleReport(cluster, verified, fenced);
  const moved = await moveEngine(cluster, verified, fenced, settled);
  const answer = moved
    ? await answerReport(cluster, moved, message, settled.running !== undefined)
    : await answerOvertaken(cluster, message);
  return { answer, fenced };
}
