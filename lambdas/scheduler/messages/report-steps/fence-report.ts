import type { ClaimedLease } from "../../../core/claimed-work.ts";
import { type Lease, leaseTasks } from "../../../core/lease.ts";
import { lengthAfter } from "../../../core/task-length.ts";
import { type EngineAnswer, refused } from "../../../protocol/engine-answer.ts";
import { rangesOf } from "../../../protocol/index-ranges.ts";
import { OUTCOME_PAGE_BYTES, type OutcomePage } from "../../../protocol/outcome-page.ts";
import { packOutcomePage } from "../../../protocol/packed-page.ts";
import type { ReportMessage } from "../../../protocol/report-messages.ts";
import type { RemembersJobs } from "../../memory/job-memory.ts";
import type { RecoveryContext } from "../../placing/placing-context.ts";
import { pullAhead, pullNext } from "../../placing/pull-next.ts";
import { reportedPage } from "../../placing/reported-page.ts";
import { putOutcomePage } from "../../rows/outcome-rows.ts";
import type { VerifiedReport } from "./verify-report.ts";

/** A report whose page was accepted, and the work claimed for the engine meanwhile. */
export interface FencedReport {
  page: OutcomePage;
  /** When the report was received, epoch milliseconds. */
  received: number;
  /** Whether the report neither ends nor returns a task. Such a report needs no page and has no consequences. */
  isEmpty: boolean;
  claimed: readonly ClaimedLease[];
  /** Work claimed to join the tasks that still run. */
  ahead: ClaimedLease | undefined;
  /** Whether the job's row was read after the page was written, so that it is known whether tasks depend on the job. */
  hasReadJob: boolean;
}

/**
 * Puts the report's outcome page, for which it competes with a revocation, and claims the next work once the page is
 * put. Returns the answer instead if the lease was revoked, or the page is too large.
 */
export async function fenceReport(
  cluster: RecoveryContext,
  { message, engine, lease, header }: VerifiedReport,
): Promise<FencedReport | { answer: EngineAnswer }> {
  measure(cluster, lease, message);
  const judged = await reportedPage(cluster, engine, lease, header, message.entries);
  const reported: OutcomePage = { ...judged, running: rangesOf(message.running) };
  const body = packOutcomePage(reported);
  if (Buffer.byteLength(body) > OUTCOME_PAGE_BYTES)
    return { answer: refused(`the report on lease ${message.seq} does not fit a page`) };
  const isEmpty = message.entries.length === 0 && message.running.length === leaseTasks(lease);
  const fence = isEmpty ? Promise.resolve({ page: reported }) : putOutcomePage(cluster, lease, reported, body);
  const isOurs = async () => !(await fence).page.revoked;
  const [{ page }, claimed, ahead] = await Promise.all([
    fence,
    // A token shows that the queue was empty a moment ago, when the token was signed. The queue is read again once the
    // engine is idle.
    message.leaving || message.running.length > 0 || message.token !== undefined
      ? []
      : pullNext(cluster, engine, isOurs),
    message.more && !message.leaving ? pullAhead(cluster, engine, lease, message.running, isOurs) : undefined,
  ]);
  if (page.revoked) return { answer: refused(`lease ${message.seq} was revoked`) };
  // A claim reads the job's row, here after the page was put.
  const hasReadJob = [...claimed, ...(ahead ? [ahead] : [])].some((one) => one.header.id === lease.job);
  return { page, received: reported.received, isEmpty, claimed, ahead, hasReadJob };
}

/** Records the run times of the job's tasks, which determine the size of its next leases. */
function measure(cluster: RemembersJobs, lease: Lease, message: ReportMessage): void {
  let lasted = 0;
  let count = 0;
  for (const { started, completed } of message.entries) {
    if (started === undefined || completed === undefined) continue;
    lasted += Math.max(0, completed - started);
    count++;
  }
  if (count > 0) cluster.jobs.lengths.set(lease.job, lengthAfter(cluster.jobs.lengths.get(lease.job), lasted, count));
}
