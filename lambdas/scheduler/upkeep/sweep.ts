import type { Cluster } from "../cluster.ts";
import { listEngines } from "../engines/engine-rows.ts";
import { changeRoster } from "../engines/roster-row.ts";
import { reconcileOpen } from "./reconcile-open.ts";
import { noteSweep, stopSweeping } from "./sweep-rule.ts";
import { tick } from "./tick.ts";

/**
 * Runs every minute while a job is open: everything that a tick does, and a look at each open job. Finds what every other detector
 * missed. When there is no open job any more, and no engine in a session, sees to it that no further sweep comes.
 */
export async function sweep(cluster: Cluster): Promise<void> {
  // Ids rest from the first sweep on, so that they do not shift when a pool is deployed with another count.
  await changeRoster(cluster, (roster) => roster);
  await tick(cluster);
  const began = cluster.now();
  const open = await reconcileOpen(cluster);
  if (open > 0 || (await listEngines(cluster)).some(({ session }) => session !== undefined)) await noteSweep(cluster);
  else await stopSweeping(cluster, began);
}
