import type { Engine } from "../../core/engine.ts";
import { isOnRoster } from "../../core/roster.ts";
import { holdsIndex } from "../../protocol/index-ranges.ts";
import type { Cluster } from "../cluster.ts";
import { listEngines, readEngine, swapEngine } from "./engine-rows.ts";

/**
 * Brings the engines' rows in line with the roster: those that left it are closed, and so given nothing more; those that came back are
 * opened. The roster is written first, so dying in between leaves the rest to any later pass.
 */
export async function alignEngines(cluster: Cluster, engines?: readonly Engine[]): Promise<void> {
  for (const listed of engines ?? (await listEngines(cluster)))
    for (let engine: Engine | undefined = listed; engine; engine = await readEngine(cluster, listed.id)) {
      const change = misalignment(cluster, engine);
      if (!change || (await swapEngine(cluster, engine, change))) break;
    }
}

/** What must change of an engine's row, if anything. An engine that leaves ends its life: what was on it is gone. */
function misalignment(cluster: Cluster, engine: Engine): Partial<Pick<Engine, "closed" | "life" | "pool">> | undefined {
  if (!isOnRoster(cluster.roster, engine)) {
    // Its id may have become another pool's, once it holds nothing.
    const owner = cluster.roster.find(({ ids }) => holdsIndex(ids, engine.id));
    if (owner && !engine.session) return { pool: owner.name, closed: undefined, life: engine.life + 1 };
    return engine.closed ? undefined : { closed: true, life: engine.life + 1 };
  }
  return engine.closed ? { closed: undefined } : undefined;
}
