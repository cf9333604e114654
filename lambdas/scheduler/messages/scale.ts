import { scaled } from "../../core/roster.ts";
import { NoEnginesRegistered } from "../../protocol/errors.ts";
import type { ScaleMessage } from "../../protocol/scheduler-messages.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import { settleRoster } from "../placing/settle-roster.ts";
import { changeRoster } from "../rows/roster-row.ts";

/**
 * Sets a pool's number of engines. Added engines get waiting work at once. Removed ones finish the tasks that they
 * hold, and queued work that only they could run ends, unless its job waits for new engines.
 *
 * @throws NoEnginesRegistered for an unknown pool
 */
export async function scale(cluster: PlacingContext, { pool, count }: ScaleMessage): Promise<void> {
  const { pools } = cluster.config;
  if (!pools.some(({ name }) => name === pool))
    throw new NoEnginesRegistered(
      `there is no pool named ${JSON.stringify(pool)}; pools are ${pools.map(({ name }) => name).join(", ")}`,
    );
  await changeRoster(cluster, (roster) => scaled(roster, pool, count));
  await settleRoster(cluster);
}
