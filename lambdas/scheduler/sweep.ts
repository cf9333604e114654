import { OPEN_PARTITION } from "../protocol/rows.ts";
import type { Cluster } from "./cluster.ts";
import { reconcileJob } from "./reconcile-job.ts";
import { changeRoster } from "./roster-row.ts";
import { tick } from "./tick.ts";

/** Runs every minute: everything that a tick does, and a look at each open job. Finds what every other detector missed. */
export async function sweep(cluster: Cluster): Promise<void> {
  // Ids rest from the first sweep on, so that they do not shift when a pool is deployed with another count.
  await changeRoster(cluster, (roster) => roster);
  await tick(cluster);
  for (const row of await cluster.store.list(OPEN_PARTITION)) {
    try {
      await reconcileJob(cluster, row);
    } catch (error) {
      cluster.log("reconcile-failed", { job: row.sk, error: String(error) });
    }
  }
}
