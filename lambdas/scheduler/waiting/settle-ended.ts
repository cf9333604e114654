import type { ClaimedWork } from "../../core/claimed-work.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { isRetryable } from "../../protocol/retryable-error.ts";
import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { Clock, StoreAccess } from "../ports/scheduler-ports.ts";
import { cascadeRow } from "../rows/due-rows.ts";
import type { EndedPage } from "../rows/outcome-rows.ts";
import { isDependedOn, settleDependents } from "./dependents.ts";
import { queuesOf, releasedRows } from "./released-work.ts";
import type { SettlingContext } from "./settling-context.ts";

/** Pause before dependents are resolved again after a failure that would recur, in milliseconds. */
const PUT_OFF_MS = 60_000;

/**
 * Resolves the dependents of ended tasks and queues the dependents that are ready now. The scheduler places them at the
 * end of its message.
 */
export async function settleEnded(cluster: SettlingContext, ended: readonly EndedPage[]): Promise<void> {
  await queueReleased(cluster, await settledOrPutOff(cluster, ended));
}

/**
 * Resolves dependents of the tasks in pages that named a session's next lease, if tasks depend on their job. When such
 * a page is written, the job's row is not read afterwards, so its dependents are not looked for.
 */
export async function settlePassed(cluster: SettlingContext, passed: readonly EndedPage[]): Promise<void> {
  const [first] = passed;
  if (first && (await isDependedOn(cluster, first.job))) await settleEnded(cluster, passed);
}

/**
 * Resolves dependents of ended tasks. Throws retryable errors and ClusterErrors. Any other error would recur at once,
 * so it is logged, and the pages are stored and tried again after `PUT_OFF_MS`. Meanwhile, neither the engine that
 * reported the tasks nor later work has to wait.
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
  for (const queue of queuesOf(works)) cluster.memory.queues.pending.add(queue);
}
