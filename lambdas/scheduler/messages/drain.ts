import { drained } from "../../core/roster.ts";
import { NoEnginesRegistered } from "../../protocol/errors.ts";
import { holdsIndex, idsText, mergedRanges } from "../../protocol/index-ranges.ts";
import type { DrainMessage } from "../../protocol/scheduler-messages.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import { settleRoster } from "../placing/settle-roster.ts";
import { changeRoster, readRoster } from "../rows/roster-row.ts";

/**
 * Removes engines from their pools: they finish the tasks that they hold, and get no more.
 *
 * @throws NoEnginesRegistered for ids above those of all engines; lower ids without an engine are ignored, because they
 *   may have been drained before
 */
export async function drain(cluster: PlacingContext, { engines }: DrainMessage): Promise<void> {
  await readRoster(cluster);
  const past = Math.max(0, ...cluster.fleet.roster.flatMap(({ ids }) => ids.map(([, to]) => to)));
  const strange = engines.filter((id) => id >= past && !cluster.fleet.roster.some(({ ids }) => holdsIndex(ids, id)));
  const known = mergedRanges(cluster.fleet.roster.flatMap(({ ids }) => ids));
  if (strange.length > 0 && past > 0)
    throw new NoEnginesRegistered(
      `there is no engine ${strange.slice(0, 10).join(", ")}; engine ids are ${idsText(known)}`,
    );
  await changeRoster(cluster, (roster) => drained(roster, engines));
  await settleRoster(cluster);
}
