import { ANY_ENGINE } from "../../core/queue-name.ts";
import { listQueueEntries } from "../rows/queue-rows.ts";
import { place } from "./place.ts";
import type { PlacingContext } from "./placing-context.ts";

/**
 * Places the work that waits in an engine's queues. Called once the engine's row shows new room. A submitter writes its
 * queue entry before it reads the engines, so either the submitter sees the room or this call sees the entry.
 *
 * @param queues the engine's queues besides `any`
 */
export async function fillRoom(cluster: PlacingContext, queues: readonly string[]): Promise<void> {
  const waiting = await listQueueEntries(cluster, [ANY_ENGINE, ...queues], 1);
  cluster.memory.queues.foundNone = waiting.length === 0;
  if (waiting.length > 0) await place(cluster, queues);
}
