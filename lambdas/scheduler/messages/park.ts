import { parkedLeases } from "../../core/parked.ts";
import { heardSession } from "../../core/silence.ts";
import { type EngineAnswer, refused } from "../../protocol/engine-answer.ts";
import type { ParkMessage } from "../../protocol/report-messages.ts";
import { fillRoom } from "../placing/fill-room.ts";
import { fitting, giveBack } from "../placing/fit-claimed.ts";
import { grantFor } from "../placing/grant.ts";
import { restToEnd } from "../placing/move-on.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import { pullNext } from "../placing/pull-next.ts";
import { swapEngine } from "../rows/engine-rows.ts";
import { rememberedSession } from "../rows/held-session.ts";
import { nextLease } from "./next.ts";

/**
 * Parks the tasks of a lease that wait for tasks of their own: they no longer count as load, and the session gets other
 * work.
 *
 * If parked tasks counted as load, every engine of a small cluster could hold a waiting task, and none could run the
 * tasks that these wait for. Each parked task becomes a lease of its own at the same hop, so no other lease has the
 * same page key.
 */
export async function park(cluster: PlacingContext, message: ParkMessage): Promise<EngineAnswer> {
  for (;;) {
    const engine = await rememberedSession(cluster, message);
    if (!engine) return refused("the session is over, or belongs to another invocation");
    const { session } = engine;
    if (message.seq === session.seq - 1) return nextLease(cluster, message);
    const [lease, ...others] = engine.leases;
    if (message.seq !== session.seq || !lease) return refused(`lease ${message.seq} does not belong to the session`);
    const claimed = message.leaving ? [] : await pullNext(cluster, engine);
    const { given, surplus } = fitting(cluster, engine, others, claimed);
    const leases = [...others, ...given.map((one) => one.lease)];
    const parked = await swapEngine(cluster, engine, {
      leases,
      parked: [...engine.parked, ...parkedLeases(lease)],
      session: heardSession({ ...session, seq: session.seq + 1 }, cluster.now()),
      assigned: given.length > 0 ? cluster.now() : engine.assigned,
      resting: message.leaving ? restToEnd(session) : engine.resting,
    });
    await giveBack(cluster, parked ? surplus : claimed);
    if (!parked) continue;
    const [next] = leases;
    if (next) {
      const grant = await grantFor(cluster, { engine: engine.id, lease: next, seq: session.seq + 1 }, message.have);
      return { type: "lease", grant };
    }
    // The engine's row did not show the new room until now: a submission that read the row before did not see it.
    if (!message.leaving) await fillRoom(cluster, engine.queues);
    return nextLease(cluster, message);
  }
}
