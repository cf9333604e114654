import { place } from "./place.ts";
import type { PlacingContext } from "./placing-context.ts";

/** Places the work in the queues that a message has filled. Every pass that may queue work ends with this. */
export async function placePending(cluster: PlacingContext): Promise<void> {
  while (cluster.memory.queues.pending.size > 0) {
    const queues = [...cluster.memory.queues.pending];
    cluster.memory.queues.pending.clear();
    await place(cluster, queues);
  }
}
