import { endOverspent } from "./end-overspent.ts";
import { place } from "./place.ts";
import type { PlacingContext } from "./placing-context.ts";

/**
 * Places the work in the queues that a message has filled, and ends the tasks of jobs whose budget is spent. Must be the
 * last step of every pass that may queue or claim work.
 */
export async function placePending(cluster: PlacingContext): Promise<void> {
  await endOverspent(cluster);
  while (cluster.memory.queues.pending.size > 0) {
    const queues = [...cluster.memory.queues.pending];
    cluster.memory.queues.pending.clear();
    await place(cluster, queues);
    await endOverspent(cluster);
  }
}
