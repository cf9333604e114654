import { reconcileForSweep } from "../placing/reconcile-open.ts";
import { listEngines } from "../rows/engine-rows.ts";
import { changeRoster } from "../rows/roster-row.ts";
import { SparedFailures } from "../rows/spared-failures.ts";
import { noteSweep, stopSweeping } from "../rows/sweep-rule.ts";
import type { Cluster } from "./cluster.ts";
import { tick } from "./tick.ts";

/**
 * Runs every minute while a job is open: a tick, then a reconciliation of each open job. The reconciliation finds
 * anything that every other detector missed. Turns the sweeps off when no job is open and no engine is in a session.
 */
export async function sweep(cluster: Cluster): Promise<void> {
  // Stores the roster, so that ids do not shift when a pool is deployed with another count.
  await changeRoster(cluster, (roster) => roster);
  const failures = new SparedFailures(cluster);
  await failures.spare("tick", () => tick(cluster));
  const began = cluster.now();
  const open = await reconcileForSweep(cluster);
  if (open > 0 || (await listEngines(cluster)).some(({ session }) => session !== undefined)) await noteSweep(cluster);
  else await stopSweeping(cluster, began);
  failures.end();
}
