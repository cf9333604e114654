import { Command } from "commander";
import { type ClusterOptions, withClusterOptions } from "./cluster-options.ts";
import { show } from "./output-option.ts";
import { countTasks, readCluster } from "./read-cluster.ts";

/** `fantail status`: what a cluster is, and how much it has to do. */
export function statusCommand(): Command {
  return withClusterOptions(new Command("status").description("tell what a cluster is and has to do")).action(
    async (options: ClusterOptions) => {
      const { address, status, queue } = await readCluster(options);
      const { engines, pools, scheme, hwm, code } = status;
      const held = queue.engines.reduce((sum, { tasks }) => sum + countTasks(tasks), 0);
      const told = {
        address,
        engines: pools.reduce((sum, { count }) => sum + count, 0),
        live: engines.filter(({ live }) => live).length,
        pools: pools.map(({ name, count, memoryMb, timeoutSeconds }) => ({ name, count, memoryMb, timeoutSeconds })),
        scheme,
        hwm,
        code,
        unassigned: countTasks(queue.unassigned),
        waiting: countTasks(queue.waiting),
        held,
      };
      show(options.output, told, () => [
        `${told.engines} engines, ${told.live} at work; scheme ${scheme}, hwm ${hwm}`,
        `tasks: ${told.unassigned} queued, ${told.waiting} wait for others, ${held} with engines`,
        ...pools.map(({ name, count, memoryMb }) => `pool ${name}: ${count} engines of ${memoryMb} MB`),
      ]);
    },
  );
}
