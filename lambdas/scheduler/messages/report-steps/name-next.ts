import type { ClaimedLease } from "../../../core/claimed-work.ts";
import { mayNameNext, nextLeaseAfter, nextTask } from "../../../core/next-lease.ts";
import type { EngineAnswer } from "../../../protocol/engine-answer.ts";
import type { OutcomePage } from "../../../protocol/outcome-page.ts";
import { giveBack } from "../../placing/fit-claimed.ts";
import { grantFor } from "../../placing/grant.ts";
import type { PlacingContext } from "../../placing/placing-context.ts";
import { pullNext } from "../../placing/pull-next.ts";
import { leaseLink } from "../../rows/lease-link.ts";
import { hasWaits } from "../../rows/wait-rows.ts";
import type { SettlingContext } from "../../waiting/settling-context.ts";
import type { VerifiedReport } from "./verify-report.ts";

/**
 * Longest time between a claim and the page that names its task, in milliseconds. It is shorter than the time after
 * which tasks without a lease are recalled. Tasks claimed longer ago than this are leased only by a write of the
 * engine's row, whose fence keeps out tasks that were recalled meanwhile.
 */
const NAMED_WITHIN_MS = 2000;

/** Work that was claimed before the report's page is written. */
interface EarlyClaim {
  claimed: readonly ClaimedLease[];
  /** The claimed task, if the page can name it. */
  next: number | undefined;
}

/**
 * Claims the next work before the page is written, so that the page can name it, and the engine's row need not be
 * written.
 *
 * The claim reads the job's row before this page is written, so it misses tasks that depend on the page's task and are
 * submitted between the claim and the write of the page. The session's next report finds them, because it claims again
 * or reads the row after this page was written. So does a heartbeat of the next task, or the revocation of the session.
 *
 * @returns `undefined` if the page cannot name a lease; work is then claimed once the page is written
 */
export async function claimToName(
  cluster: SettlingContext,
  { message, engine, shown, lease, header }: VerifiedReport,
  { entries }: OutcomePage,
): Promise<EarlyClaim | undefined> {
  const began = cluster.now();
  const isDependedOn = () =>
    hasWaits(header) || header.parent !== undefined || cluster.memory.jobs.depended.has(lease.job);
  const isWhole = !message.leaving && message.running.length === 0 && message.token === undefined;
  const hasEnded = entries.length === 1 && entries.every(({ final }) => final);
  if (!isWhole || !hasEnded || isDependedOn() || !mayNameNext(shown, engine, began)) return undefined;
  const claimed = await pullNext(cluster, engine);
  const isLate = cluster.now() - began > NAMED_WITHIN_MS;
  return { claimed, next: isLate || isDependedOn() ? undefined : nextTask(lease, claimed) };
}

/**
 * Answers a report whose page names the engine's next task. If another scheduler has written the page, the work claimed
 * for this one returns to the queue.
 */
export async function answerNamed(
  cluster: PlacingContext,
  { message, engine, shown, lease, header }: VerifiedReport,
  claimed: readonly ClaimedLease[],
  next: number,
): Promise<EngineAnswer> {
  if (nextTask(lease, claimed) !== next) await giveBack(cluster, claimed);
  const named = { engine: engine.id, lease: nextLeaseAfter(lease, next), seq: engine.session.seq + 1 };
  const grant = await grantFor(cluster, named, message.have, header);
  const link = shown.session && (await leaseLink(cluster, engine, shown.session.seq, next));
  return { type: "lease", grant: link === undefined ? grant : { ...grant, link } };
}
