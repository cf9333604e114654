import type { Cluster } from "../cluster.ts";
import { place } from "./place.ts";

/** Places the work that a message made in other queues. Every pass that may make work ends with this. */
export async function placePending(cluster: Cluster): Promise<void> {
  while (cluster.pending.size > 0) {
    const queues = [...cluster.pending];
    cluster.pending.clear();
    await place(cluster, queues);
  }
}
