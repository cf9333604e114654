import { place } from "./place.ts";
import type { PlacingContext } from "./placing-context.ts";

/** Places the work that a message has put into other queues. Every pass that may queue work ends with this. */
export async function placePending(cluster: PlacingContext): Promise<void> {
  while (cluster.queues.pending.size > 0) {
    const queues = [...cluster.queues.pending];
    cluster.queues.pending.clear();
    await place(cluster, queues);
  }
}
