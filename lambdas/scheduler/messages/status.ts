import { engineLoad } from "../../core/engine.ts";
import { countIndexes } from "../../protocol/index-ranges.ts";
import type { ClusterStatus } from "../../protocol/scheduler-answer.ts";
import { listEngines, openEngines } from "../rows/engine-rows.ts";
import { listQueueEntries, listQueues } from "../rows/queue-rows.ts";
import type { FleetAccess } from "../rows/row-access.ts";

/**
 * Returns the engines by id, including those that are leaving but still in a session, the number of queue entries, and
 * the cluster's settings.
 */
export async function status(cluster: FleetAccess): Promise<ClusterStatus> {
  const { scheme, hwm, pools, code } = cluster.config;
  const [engines, entries] = await Promise.all([
    listEngines(cluster),
    listQueues(cluster).then((queues) => listQueueEntries(cluster, queues, 1000)),
  ]);
  const open = new Set(openEngines(cluster, engines));
  return {
    engines: engines
      .filter((engine) => open.has(engine) || engine.session !== undefined)
      .map((engine) => ({
        id: engine.id,
        pool: engine.pool,
        load: engineLoad(engine),
        assigned: Math.floor(engine.assigned),
        live: engine.session !== undefined,
        state: open.has(engine) ? ("open" as const) : ("draining" as const),
      }))
      .sort((a, b) => a.id - b.id),
    hints: entries.length,
    scheme: typeof scheme === "function" ? "user" : scheme,
    hwm,
    code,
    pools: pools.map(({ name, memoryMb, timeoutSeconds, architecture }) => {
      const ids = cluster.memory.fleet.roster.find((pool) => pool.name === name)?.ids ?? [];
      return {
        ...{ name, count: countIndexes(ids), memoryMb, timeoutSeconds },
        ...(architecture && { architecture }),
        ids: ids.map(([from, to]) => [from, to]),
      };
    }),
  };
}
