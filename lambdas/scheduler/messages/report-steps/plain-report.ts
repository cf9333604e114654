import { leaseTasks } from "../../../core/lease.ts";
import type { EngineAnswer } from "../../../protocol/engine-answer.ts";
import { moveOn } from "../../placing/move-on.ts";
import type { PlacingContext } from "../../placing/placing-context.ts";
import { endedPage } from "../../rows/outcome-rows.ts";
import { hasWaits } from "../../rows/wait-rows.ts";
import { isDependedOn } from "../../waiting/dependents.ts";
import { settleEnded } from "../../waiting/settle-ended.ts";
import { answerReport } from "./answer-report.ts";
import { type FencedReport, fenceReport } from "./fence-report.ts";
import { answerOvertaken } from "./repeated-report.ts";
import type { VerifiedReport } from "./verify-report.ts";

/**
 * Whether a report is plain: it ends an early session with its first lease, all tasks of that lease have succeeded, and
 * no task is known to depend on them. A plain report returns no task to a queue, and releases none that is known to
 * wait.
 */
export function isPlain({ memory }: PlacingContext, { message, engine, lease, header }: VerifiedReport): boolean {
  return (
    message.leaving &&
    engine.session.early === true &&
    message.seq === 1 &&
    message.entries.length === leaseTasks(lease) &&
    message.entries.every(({ status }) => status === "ok") &&
    !hasWaits(header) &&
    !memory.jobs.depended.has(lease.job)
  );
}

/**
 * Processes a plain report: writes the engine's row at the same time as the page, and then looks for work and for
 * dependents, also at the same time.
 *
 * If this pass dies when only the row is written, the tasks are in no lease and on no page, as if they had been claimed
 * and not leased, and are recalled. A recall may win against a page that is written much later.
 */
export async function processPlain(
  cluster: PlacingContext,
  verified: VerifiedReport,
): Promise<{ answer: EngineAnswer; fenced?: FencedReport }> {
  const { message, engine, lease } = verified;
  const [fenced, moved] = await Promise.all([
    fenceReport(cluster, verified),
    moveOn(cluster, engine, message, { running: undefined, ahead: undefined, claimed: [] }),
  ]);
  if ("answer" in fenced) return fenced;
  const [answer] = await Promise.all([
    moved ? answerReport(cluster, moved, message, false) : answerOvertaken(cluster, message),
    isDependedOn(cluster, lease.job),
  ]);
  if (cluster.memory.jobs.depended.has(lease.job)) await settleEnded(cluster, [endedPage(lease, fenced.page)]);
  return { answer, fenced };
}
