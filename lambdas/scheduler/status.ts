import { engineLoad } from "../core/engine.ts";
import type { ClusterStatus } from "../protocol/scheduler-messages.ts";
import type { Cluster } from "./cluster.ts";
import { listEngines } from "./engine-rows.ts";
import { listClasses, listHints } from "./hint-rows.ts";

/** The engines and their loads, by id, and how much work is queued. */
export async function status(cluster: Cluster): Promise<ClusterStatus> {
  const { scheme, hwm, pools } = cluster.config;
  const [engines, hints] = await Promise.all([
    listEngines(cluster),
    listHints(cluster, await listClasses(cluster), 1000),
  ]);
  return {
    engines: engines
      .map((engine) => ({
        id: engine.id,
        pool: engine.pool,
        load: engineLoad(engine),
        assigned: Math.floor(engine.assigned),
        live: engine.session !== undefined,
      }))
      .sort((a, b) => a.id - b.id),
    hints: hints.length,
    scheme: typeof scheme === "function" ? "user" : scheme,
    hwm,
    pools: pools.map(({ name, count, memoryMb, timeoutSeconds }) => ({ name, count, memoryMb, timeoutSeconds })),
  };
}
