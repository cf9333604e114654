import type { Engine } from "../../core/engine.ts";
import { isOnRoster } from "../../core/roster.ts";
import { holdsIndex } from "../../protocol/index-ranges.ts";
import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { Randomness } from "../ports/scheduler-ports.ts";
import { listEngines, readEngine, swapEngine } from "./engine-rows.ts";
import type { FleetAccess } from "./row-access.ts";

/**
 * Aligns the engines' rows with the roster: closes engines that left it, so that they get no more work, and reopens
 * those that returned.
 *
 * The roster must have been written before. If a scheduler dies during this, any later pass aligns the remaining rows.
 */
export async function alignEngines(cluster: FleetAccess & Randomness, engines?: readonly Engine[]): Promise<void> {
  for (const listed of engines ?? (await listEngines(cluster)))
    for (let engine: Engine | undefined = listed; engine; engine = await readEngine(cluster, listed.id)) {
      const change = misalignment(cluster, engine);
      if (!change || (await swapEngine(cluster, engine, change))) break;
    }
}

/**
 * The change that an engine's row needs; `undefined` if it needs none. An engine that leaves the roster starts a new
 * generation.
 */
function misalignment(
  cluster: RemembersFleet,
  engine: Engine,
): Partial<Pick<Engine, "closed" | "generation" | "pool">> | undefined {
  if (!isOnRoster(cluster.memory.fleet.roster, engine)) {
    // The engine's id may now belong to another pool. The engine moves there once it has no session.
    const owner = cluster.memory.fleet.roster.find(({ ids }) => holdsIndex(ids, engine.id));
    if (owner && !engine.session) return { pool: owner.name, closed: undefined, generation: engine.generation + 1 };
    return engine.closed ? undefined : { closed: true, generation: engine.generation + 1 };
  }
  return engine.closed ? { closed: undefined } : undefined;
}
