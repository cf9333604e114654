import { Command } from "commander";
import { type ClusterOptions, withClusterOptions } from "./cluster-options.ts";
import { show } from "./output-option.ts";
import { readCluster } from "./read-cluster.ts";
import { table } from "./table.ts";

/** `fantail engines`: lists the engines with their state and load. */
export function enginesCommand(): Command {
  return withClusterOptions(new Command("engines").description("list a cluster's engines")).action(
    async (options: ClusterOptions) => {
      const { status, queue } = await readCluster(options);
      const completed = new Map(queue.engines.map((one) => [one.id, one.completed]));
      const engines = status.engines.map(({ id, pool, state, live, load }) => ({
        ...{ id, pool, state, live, load },
        completed: completed.get(id) ?? 0,
      }));
      show(options.output, engines, () =>
        table(
          ["ENGINE", "POOL", "STATE", "RUNNING", "LOAD", "COMPLETED"].map((title) => ({ title })),
          engines.map((one) => [
            `${one.id}`,
            one.pool,
            one.state,
            one.live ? "yes" : "no",
            `${one.load}`,
            `${one.completed}`,
          ]),
        ),
      );
    },
  );
}
