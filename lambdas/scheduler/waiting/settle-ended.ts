import type { ClaimedWork } from "../../core/claimed-work.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { isRetryable } from "../../protocol/retryable-error.ts";
import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { Clock, StoreAccess } from "../ports/scheduler-ports.ts";
import { cascadeRow } from "../rows/due-rows.ts";
import type { EndedPage } from "../rows/outcome-rows.ts";
import { settleDependents } from "./dependents.ts";
import { queuesOf, releasedRows } from "./released-work.ts";
import type { SettlingContext } from "./settling-context.ts";

/** Pause before dependents are resolved again after a failure that would recur, in milliseconds. */
const PUT_OFF_MS = 60_000;

/**
 * Resolves the dependents of ended tasks, and queues the dependents that are ready now. The scheduler places them at
 * the end of its message.
 */
export async function settleEnded(cluster: SettlingContext, ended: readonly EndedPage[]): Promise<void> {
  await queueReleased(cluster, await settledOrPutOff(cluster, ended));
}

/**
 * Resolves dependents of ended tasks. If that fails with an error that would recur, the pages are stored for a later
 * try, so that neither the engine that reports them nor later work has to wait.
 *
 * @returns released tasks, claimed by this pass
 */
export async function settledOrPutOff(cluster: SettlingContext, ended: readonly EndedPage[]): Promise<ClaimedWork[]> {
  try {
    return await settleDependents(cluster, ended);
  } catch (error) {
    if (isRetryable(error) || error instanceof ClusterError) throw error;
    cluster.log("settle-failed", { jobs: [...new Set(ended.map(({ job }) => job))], error: String(error) });
    const due = cluster.now() + PUT_OFF_MS;
    await cluster.store.write(ended.map(({ job, first, lease }) => cascadeRow(due, job, first, lease)));
    return [];
  }
}

/** Queues released tasks; the scheduler places them at the end of its message. */
export async function queueReleased(
  cluster: StoreAccess & Clock & RemembersQueues,
  works: readonly ClaimedWork[],
): Promise<void> {
  if (works.length === 0) return;
  await cluster.store.write(releasedRows(cluster, works));
  for (const queue of queuesOf(works)) cluster.queues.pending.add(queue);
}
