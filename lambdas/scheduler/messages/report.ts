import type { EngineAnswer } from "../../protocol/engine-answer.ts";
import type { ReportMessage } from "../../protocol/report-messages.ts";
import type { Cluster } from "./cluster.ts";
import { endedChildren } from "./ended-children.ts";
import { answerReport } from "./report-steps/answer-report.ts";
import { fenceReport } from "./report-steps/fence-report.ts";
import { moveEngine } from "./report-steps/move-engine.ts";
import { answerOvertaken } from "./report-steps/repeated-report.ts";
import { settleReport } from "./report-steps/settle-report.ts";
import { verifyReport } from "./report-steps/verify-report.ts";

/**
 * Processes the report on a lease, and answers with the next lease.
 *
 * The page is put first: it decides between a report and a revocation, and everything else follows from it. The next
 * work is claimed meanwhile. Then requeued and released tasks are queued, and last the engine's row is written,
 * conditionally. A crash between any two of these loses nothing: the engine repeats the report, or its session is
 * revoked, and both derive the same queue entries from the page.
 */
export async function report(cluster: Cluster, message: ReportMessage): Promise<EngineAnswer> {
  const verified = await verifyReport(cluster, message);
  if ("answer" in verified) return verified.answer;
  const fenced = await fenceReport(cluster, verified);
  if ("answer" in fenced) return fenced.answer;
  const settled = await settleReport(cluster, verified, fenced);
  const moved = await moveEngine(cluster, verified, fenced, settled);
  if (!moved) return answerOvertaken(cluster, message);
  const answer = await answerReport(cluster, moved, message, settled.running !== undefined);
  if (answer.type === "idle" || answer.type === "refused" || fenced.isEmpty) return answer;
  return { ...answer, ...endedChildren(verified.engine, verified.header, verified.lease, fenced.page) };
}
