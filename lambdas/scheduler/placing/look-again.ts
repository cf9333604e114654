import { ANY_ENGINE } from "../../core/queue-name.ts";
import { listQueueEntries } from "../rows/queue-rows.ts";
import { place } from "./place.ts";
import type { PlacingContext } from "./placing-context.ts";

/**
 * Reads an engine's queues once its row shows new room, and places the work that waits there. A submitter writes its
 * queue entry before it reads the engines, so either the submitter sees the room or this call sees the entry.
 *
 * @param queues the engine's queues besides `any`
 */
export async function lookAgain(cluster: PlacingContext, queues: readonly string[]): Promise<void> {
  const waiting = await listQueueEntries(cluster, [ANY_ENGINE, ...queues], 1);
  if (waiting.length > 0) await place(cluster, queues);
}
