import { Command } from "commander";
import { type ClusterOptions, withClusterOptions } from "./cluster-options.ts";
import { show } from "./output-option.ts";
import { count } from "./plural.ts";
import { countTasks, readCluster } from "./read-cluster.ts";

/** `fantail status`: shows a cluster's engines, settings and queue. */
export function statusCommand(): Command {
  return withClusterOptions(new Command("status").description("show a cluster's engines and queue")).action(
    async (options: ClusterOptions) => {
      const { address, status, queue } = await readCluster(options);
      const { engines, pools, scheme, hwm, code } = status;
      const held = queue.engines.reduce((sum, { tasks }) => sum + countTasks(tasks), 0);
      const summary = {
        address,
        engines: pools.reduce((sum, pool) => sum + pool.count, 0),
        live: engines.filter(({ live }) => live).length,
        pools: pools.map(({ name, count: size, memoryMb, timeoutSeconds }) => ({
          ...{ name, count: size, memoryMb, timeoutSeconds },
        })),
        scheme,
        hwm,
        code,
        unassigned: countTasks(queue.unassigned),
        waiting: countTasks(queue.waiting),
        held,
      };
      show(options.output, summary, () => [
        `${count(summary.engines, "engine")}, ${summary.live} running; scheme ${scheme}, hwm ${hwm}`,
        `tasks: ${summary.unassigned} queued, ${summary.waiting} waiting on dependencies, ${held} running or leased`,
        ...pools.map((pool) => `pool ${pool.name}: ${count(pool.count, "engine")} of ${pool.memoryMb} MB`),
      ]);
    },
  );
}
