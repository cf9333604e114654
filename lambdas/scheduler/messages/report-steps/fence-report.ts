import type { ClaimedLease, ClaimedWork } from "../../../core/claimed-work.ts";
import { type Lease, leaseTasks } from "../../../core/lease.ts";
import { lengthAfter } from "../../../core/task-length.ts";
import { type EngineAnswer, refused } from "../../../protocol/engine-answer.ts";
import { rangesOf } from "../../../protocol/index-ranges.ts";
import { OUTCOME_PAGE_BYTES, type OutcomePage } from "../../../protocol/outcome-page.ts";
import type { ReportMessage } from "../../../protocol/report-messages.ts";
import type { RemembersJobs } from "../../memory/job-memory.ts";
import { giveBack } from "../../placing/fit-claimed.ts";
import type { PlacingContext } from "../../placing/placing-context.ts";
import { pullAhead, pullNext } from "../../placing/pull-next.ts";
import { reportedPage } from "../../placing/reported-page.ts";
import { engineUsage } from "../../rows/engine-usage.ts";
import { followPages } from "../../rows/follow-pages.ts";
import { endedPage, putOutcomePage } from "../../rows/outcome-rows.ts";
import { noteSpending } from "../../rows/spent-budget.ts";
import { hasWaits } from "../../rows/wait-rows.ts";
import { settledOrPutOff } from "../../waiting/settle-ended.ts";
import type { SettlingContext } from "../../waiting/settling-context.ts";
import { chargedPage } from "./charged-page.ts";
import { claimToName } from "./name-next.ts";
import type { VerifiedReport } from "./verify-report.ts";

/** The dependents of a report's tasks. */
interface ResolvedDependents {
  /** Whether the dependents of the page's tasks were resolved. */
  isResolved: boolean;
  /** Tasks that are ready now, claimed by this pass. */
  released: readonly ClaimedWork[];
}

const UNRESOLVED: ResolvedDependents = { isResolved: false, released: [] };

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
  dependents: ResolvedDependents;
  /** Whether the job's row was read after the page was written, which shows whether other jobs depend on the job. */
  hasReadJob: boolean;
}

/**
 * Puts the report's outcome page, in competition with a revocation. Once the page is written, resolves the dependents
 * of its tasks and, at the same time, claims the next work. If the page is to name the next work, that work is claimed
 * before. Returns the answer instead if the lease was revoked, or if the page is too large.
 */
export async function fenceReport(
  cluster: PlacingContext,
  verified: VerifiedReport,
): Promise<FencedReport | { answer: EngineAnswer }> {
  const { message, engine, lease, header } = verified;
  measure(cluster, lease, message);
  const judged = await reportedPage(cluster, engine, lease, header, message.entries);
  const used = engineUsage(cluster, engine, message);
  // Before the next claim, which may be made before the page is charged.
  noteSpending(cluster, header, used, 1);
  const early = await claimToName(cluster, verified, judged);
  const whole = { ...judged, running: rangesOf(message.running), next: early?.next };
  const { page: reported, body, keep } = chargedPage(cluster, header, whole, used);
  if (Buffer.byteLength(body) > OUTCOME_PAGE_BYTES) {
    keep(true);
    await giveBack(cluster, early?.claimed ?? []);
    return { answer: refused(`the report on lease ${message.seq} does not fit a page`) };
  }
  const isEmpty = message.entries.length === 0 && message.running.length === leaseTasks(lease);
  const fence = isEmpty ? { page: reported, put: false } : putOutcomePage(cluster, lease, reported, body);
  const isOurs = async () => !(await fence).page.revoked;
  const resolvedAfter = async (fenced: typeof fence) => resolved(cluster, verified, (await fenced).page);
  const isWaitedFor = hasWaits(header) || cluster.memory.jobs.depended.has(lease.job);
  const [{ page, put }, dependents, claimed, ahead] = await Promise.all([
    fence,
    isWaitedFor ? resolvedAfter(fence) : UNRESOLVED,
    // A report with a token claims no next lease: the token shows that the queue was empty a moment ago, when the token
    // was signed. The queue is read again once the engine is idle.
    message.leaving || message.running.length > 0 || message.token !== undefined
      ? []
      : (early?.claimed ?? pullNext(cluster, engine, isOurs)),
    message.more && !message.leaving ? pullAhead(cluster, engine, lease, message.running, isOurs) : undefined,
  ]);
  if (!put) keep(isEmpty || page.revoked);
  if (page.revoked) {
    await giveBack(cluster, early?.claimed ?? []);
    return { answer: refused(`lease ${message.seq} was revoked`) };
  }
  // A claim reads the job's row, after the page was written unless the work was claimed early.
  const hasReadJob = !early && [...claimed, ...(ahead ? [ahead] : [])].some((one) => one.header.id === lease.job);
  return { page, received: reported.received, isEmpty, claimed, ahead, dependents, hasReadJob };
}

/**
 * Resolves the dependents of the page's tasks, and those of the session's earlier pages whose dependents were not
 * looked for. Does nothing if the lease was revoked, or if an earlier delivery of the report has written a page that
 * names the next task.
 */
async function resolved(
  cluster: SettlingContext,
  { engine, shown, lease }: VerifiedReport,
  page: OutcomePage,
): Promise<ResolvedDependents> {
  if (page.revoked || page.next !== undefined) return UNRESOLVED;
  const isFollowed = engine.session.seq > (shown.session?.seq ?? 0);
  const { passed } = isFollowed ? await followPages(cluster, shown) : { passed: [] };
  return { isResolved: true, released: await settledOrPutOff(cluster, [...passed, endedPage(lease, page)]) };
}

/** Records the run times of the job's tasks. They determine the size of its next leases. */
function measure(cluster: RemembersJobs, lease: Lease, message: ReportMessage): void {
  let lasted = 0;
  let count = 0;
  for (const { started, completed } of message.entries) {
    if (started === undefined || completed === undefined) continue;
    lasted += Math.max(0, completed - started);
    count++;
  }
  if (count > 0)
    cluster.memory.jobs.lengths.set(lease.job, lengthAfter(cluster.memory.jobs.lengths.get(lease.job), lasted, count));
}
