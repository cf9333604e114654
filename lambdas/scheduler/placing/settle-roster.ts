import { alignEngines } from "../rows/align-engines.ts";
import { listQueues } from "../rows/queue-rows.ts";
import { place } from "./place.ts";
import type { PlacingContext } from "./placing-context.ts";

/**
 * Aligns the engines' rows with a changed roster and places waiting work. If a scheduler dies after it has changed the
 * roster, the next tick does this instead.
 */
export async function settleRoster(cluster: PlacingContext): Promise<void> {
  await alignEngines(cluster);
  await place(cluster, await listQueues(cluster));
}
