import type { Cluster } from "../cluster.ts";
import { settleDependents } from "../waiting/dependents.ts";
import { openedRows, queuesOf } from "../waiting/opened-work.ts";
import type { ClaimedWork } from "./claim-work.ts";
import type { EndedPage } from "./outcomes.ts";

/** Acts on ended tasks for those that wait for them, and queues what that opens. The door places it when its message is done. */
export async function settleEnded(cluster: Cluster, ended: readonly EndedPage[]): Promise<void> {
  await queueOpened(cluster, await settleDependents(cluster, ended));
}

/** Queues opened tasks; the door places them when its message is done. */
export async function queueOpened(cluster: Cluster, works: readonly ClaimedWork[]): Promise<void> {
  if (works.length === 0) return;
  await cluster.store.write(openedRows(cluster, works));
  for (const queue of queuesOf(works)) cluster.pending.add(queue);
}
