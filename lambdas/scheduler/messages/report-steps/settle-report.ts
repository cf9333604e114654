import type { ClaimedLease } from "../../../core/claimed-work.ts";
import { keptLease, type Lease } from "../../../core/lease.ts";
import { followUps } from "../../../core/settle.ts";
import { learnedRows } from "../../rows/lacking-pools.ts";
import { type EndedPage, endedPage } from "../../rows/outcome-rows.ts";
import type { DueEntry } from "../../rows/queue-rows.ts";
import { requeuedRows } from "../../waiting/ready-again.ts";
import { queuesOf, releasedRows } from "../../waiting/released-work.ts";
import type { SettlingContext } from "../../waiting/settling-context.ts";
import { takeReleased } from "../../waiting/take-released.ts";
import type { FencedReport } from "./fence-report.ts";
import type { VerifiedReport } from "./verify-report.ts";

/** The consequences of a report's page. */
export interface SettledReport {
  ended: readonly EndedPage[];
  /** Tasks to queue again, now or when they are due. */
  requeued: readonly DueEntry[];
  /** Leases for the engine to run next: claimed for it, or made of tasks that its own report has released. */
  claimed: readonly ClaimedLease[];
  /** Tasks to join those that still run: claimed for the engine, or released by its own report. */
  ahead: ClaimedLease | undefined;
  /** The tasks of the lease that are still running. */
  running: Lease | undefined;
}

/** Queues the tasks that the page returns, and those that it has released and the engine does not take itself. */
export async function settleReport(
  cluster: SettlingContext,
  { message, engine, lease, header }: VerifiedReport,
  { page, received, claimed, ahead, dependents: { released } }: FencedReport,
): Promise<SettledReport> {
  const requeued = followUps(lease, page, header, received);
  const rows = await requeuedRows(cluster, header, requeued);
  rows.push(...learnedRows(cluster, engine.pool, message.entries));
  const running = page.running && page.running.length > 0 ? keptLease(lease, page.running) : undefined;
  const own = running ? (ahead ? [ahead] : []) : claimed;
  const mayTake = released.length > 0 && !message.leaving && (!running || message.more === true);
  const taken = mayTake
    ? await takeReleased(cluster, engine, own, released, running)
    : { claimed: own, left: released };
  const next = taken.left.length === 0 ? taken.claimed : taken.claimed.map((one) => ({ ...one, more: true }));
  rows.push(...releasedRows(cluster, taken.left));
  if (rows.length > 0) await cluster.store.write(rows);
  for (const queue of queuesOf(taken.left)) cluster.memory.queues.pending.add(queue);
  const given = running ? { claimed, ahead: next[0] } : { claimed: next, ahead };
  return { ended: [endedPage(lease, page)], requeued, ...given, running };
}
