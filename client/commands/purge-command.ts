import { Command } from "commander";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { show } from "./output-option.ts";

interface PurgeOptions extends ClusterOptions {
  all?: boolean;
}

/** `fantail purge`: removes finished tasks and their results for all clients. */
export function purgeCommand(): Command {
  const command = new Command("purge")
    .description("remove finished tasks and their results")
    .argument("[ids...]", "task or job ids")
    .option("--all", "all finished tasks, of every client");
  return withClusterOptions(command).action(async (ids: string[], options: PurgeOptions) => {
    const { all = false, output } = options;
    if (all === ids.length > 0) throw new CommandFailure("pass task or job ids, or --all", EXIT.usage);
    await withClient(options, (client) => client.purgeResults(all ? "all" : ids));
    show(output, { purged: all ? "all" : ids }, () => [
      all ? "removed all finished tasks and their results" : `removed ${ids.join(" ")}`,
    ]);
  });
}
