import { drained, scaled } from "../../core/roster.ts";
import { NoEnginesRegistered } from "../../protocol/errors.ts";
import { holdsIndex } from "../../protocol/index-ranges.ts";
import type { DrainMessage, ScaleMessage } from "../../protocol/scheduler-messages.ts";
import type { Cluster } from "../cluster.ts";
import { place } from "../placing/place.ts";
import { alignEngines } from "../rows/align-engines.ts";
import { listClasses } from "../rows/hint-rows.ts";
import { changeRoster, readRoster } from "../rows/roster-row.ts";

/**
 * Gives a pool so many engines. More get work that waits at once; fewer finish what they hold, and what waited for them alone ends.
 *
 * @throws NoEnginesRegistered for a pool that there is not
 */
export async function scale(cluster: Cluster, { pool, count }: ScaleMessage): Promise<void> {
  const { pools } = cluster.config;
  if (!pools.some(({ name }) => name === pool))
    throw new NoEnginesRegistered(
      `there is no pool named ${JSON.stringify(pool)}; pools are ${pools.map(({ name }) => name).join(", ")}`,
    );
  await changeRoster(cluster, (roster) => scaled(roster, pool, count));
  await settleRoster(cluster);
}

/**
 * Takes engines out of their pools: they get no more work, and finish what they hold.
 *
 * @throws NoEnginesRegistered for ids that have never been an engine's
 */
export async function drain(cluster: Cluster, { engines }: DrainMessage): Promise<void> {
  await readRoster(cluster);
  const past = Math.max(0, ...cluster.roster.flatMap(({ ids }) => ids.map(([, to]) => to)));
  const strange = engines.filter((id) => id >= past && !cluster.roster.some(({ ids }) => holdsIndex(ids, id)));
  if (strange.length > 0 && past > 0)
    throw new NoEnginesRegistered(`there is no engine ${strange.slice(0, 10).join(", ")}`);
  await changeRoster(cluster, (roster) => drained(roster, engines));
  await settleRoster(cluster);
}

/** Dying before this is made good by any tick. */
async function settleRoster(cluster: Cluster): Promise<void> {
  await alignEngines(cluster);
  await place(cluster, await listClasses(cluster));
}
