import { type EngineAnswer, refused } from "../../protocol/engine-answer.ts";
import type { NextMessage } from "../../protocol/report-messages.ts";
import { fillRoom } from "../placing/fill-room.ts";
import { grantFor } from "../placing/grant.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import { swapEngine } from "../rows/engine-rows.ts";
import { heldSession } from "../rows/held-session.ts";
import { noteHeard } from "../rows/note-heard.ts";
import { waitingAnswer } from "../waiting/parked-aborts.ts";

/**
 * Gives a session with parked tasks the next lease in the engine's row. The leases are written by passes that place
 * work, so a call that finds none costs only reads. A session that no longer holds any task ends.
 */
export async function nextLease(
  cluster: PlacingContext,
  message: Pick<NextMessage, "engine" | "session" | "nonce" | "have">,
): Promise<EngineAnswer> {
  for (;;) {
    const engine = await heldSession(cluster, message);
    if (!engine) return refused("the session is over, or belongs to another invocation");
    const { seq } = engine.session;
    const lease = engine.leases[0];
    if (lease)
      return { type: "lease", grant: await grantFor(cluster, { engine: engine.id, lease, seq }, message.have) };
    await noteHeard(cluster, engine);
    if (engine.parked.length > 0) return waitingAnswer(cluster, engine, seq);
    const ended = await swapEngine(cluster, engine, { session: undefined, queues: [], resting: undefined });
    if (!ended) continue;
    await fillRoom(cluster, engine.queues);
    return { type: "idle" };
  }
}
