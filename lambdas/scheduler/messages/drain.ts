import { drained } from "../../core/roster.ts";
import { NoEnginesRegistered } from "../../protocol/errors.ts";
import { idsText, mergedRanges } from "../../protocol/index-ranges.ts";
import { engineKey } from "../../protocol/rows.ts";
import type { DrainMessage } from "../../protocol/scheduler-messages.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import { settleRoster } from "../placing/settle-roster.ts";
import { changeRoster, readRoster } from "../rows/roster-row.ts";

/**
 * Removes engines from their pools: they finish the tasks that they hold, and get no more.
 *
 * @throws NoEnginesRegistered for ids above those of all engines, unless the engine was drained or scaled away before;
 *   lower ids without an engine are ignored, because they may have been
 */
export async function drain(cluster: PlacingContext, { engines }: DrainMessage): Promise<void> {
  await readRoster(cluster);
  const known = mergedRanges(cluster.memory.fleet.roster.flatMap(({ ids }) => ids));
  const past = known.at(-1)?.[1] ?? 0;
  const above = engines.filter((id) => id >= past);
  if (above.length > 0 && past > 0) {
    // The rows of engines that have left stay. A client whose wait timed out drains the same engines again.
    const rows = await cluster.store.read(above.map(engineKey));
    const strange = above.filter((_, at) => rows[at] === undefined);
    if (strange.length > 0)
      throw new NoEnginesRegistered(
        `there is no engine ${strange.slice(0, 10).join(", ")}; engine ids are ${idsText(known)}`,
      );
  }
  await changeRoster(cluster, (roster) => drained(roster, engines));
  await settleRoster(cluster);
}
