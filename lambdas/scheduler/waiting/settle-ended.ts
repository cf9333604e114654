import { isPassing } from "../../adapters/passing-failure.ts";
import type { ClaimedWork } from "../../core/claimed-work.ts";
import { ClusterError } from "../../protocol/errors.ts";
import type { Cluster } from "../cluster.ts";
import { cascadeRow } from "../rows/due-rows.ts";
import type { EndedPage } from "../rows/outcome-rows.ts";
import { settleDependents } from "./dependents.ts";
import { openedRows, queuesOf } from "./opened-work.ts";

/** When it is tried again to act on ended tasks where that failed by itself. */
const PUT_OFF_MS = 60_000;

/** Acts on ended tasks for those that wait for them, and queues what that opens. The door places it when its message is done. */
export async function settleEnded(cluster: Cluster, ended: readonly EndedPage[]): Promise<void> {
  await queueOpened(cluster, await settledOrPutOff(cluster, ended));
}

/**
 * Acts on ended tasks for those that wait for them. Where that fails by itself, and would fail again, it is put off: the pages stand,
 * and neither the engine that reports them nor work that comes later is to wait for it.
 *
 * @returns opened tasks, claimed by this pass
 */
export async function settledOrPutOff(cluster: Cluster, ended: readonly EndedPage[]): Promise<ClaimedWork[]> {
  try {
    return await settleDependents(cluster, ended);
  } catch (error) {
    if (isPassing(error) || error instanceof ClusterError) throw error;
    cluster.log("settle-failed", { jobs: [...new Set(ended.map(({ job }) => job))], error: String(error) });
    const due = cluster.now() + PUT_OFF_MS;
    await cluster.store.write(ended.map(({ job, first, lease }) => cascadeRow(due, job, first, lease)));
    return [];
  }
}

/** Queues opened tasks; the door places them when its message is done. */
export async function queueOpened(cluster: Cluster, works: readonly ClaimedWork[]): Promise<void> {
  if (works.length === 0) return;
  await cluster.store.write(openedRows(cluster, works));
  for (const queue of queuesOf(works)) cluster.pending.add(queue);
}
