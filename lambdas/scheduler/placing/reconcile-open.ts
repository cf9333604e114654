import { OPEN_PARTITION } from "../../protocol/rows.ts";
import type { Cluster } from "../cluster.ts";
import { reconcileJob } from "./reconcile-job.ts";

/** Looks at one job that ticks of waiting clients cause in one process: a look reads every page of buckets that are not complete. */
const LOOK_EVERY_MS = 10_000;

/**
 * Makes every open job whole again. One that fails keeps no other from it.
 *
 * @param isAlone claims that no other scheduler is at work
 * @returns how many are open still
 */
export async function reconcileOpen(cluster: Cluster, { isAlone = false } = {}): Promise<number> {
  let open = 0;
  for (const row of await cluster.store.list(OPEN_PARTITION)) {
    open++;
    try {
      if (await reconcileJob(cluster, row, { isAlone })) open--;
    } catch (error) {
      cluster.log("reconcile-failed", { job: row.sk, error: String(error) });
    }
  }
  return open;
}

/** The same for a client that waits, unless this process has done so lately: what is missing is found long before two sweeps have looked. */
export async function reconcileForWaiter(cluster: Cluster): Promise<void> {
  const now = cluster.now();
  if (now - cluster.reconciled < LOOK_EVERY_MS) return;
  cluster.reconciled = now;
  await reconcileOpen(cluster);
}
