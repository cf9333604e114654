import type { Cluster } from "../cluster.ts";
import { place } from "./place.ts";

/** Places what a message has opened on the side: each pass that made work ends so. */
export async function placePending(cluster: Cluster): Promise<void> {
  while (cluster.pending.size > 0) {
    const queues = [...cluster.pending];
    cluster.pending.clear();
    await place(cluster, queues);
  }
}
