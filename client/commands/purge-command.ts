import { Command } from "commander";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { show } from "./output-option.ts";

interface PurgeOptions extends ClusterOptions {
  all: boolean;
}

/** `fantail purge`: forgets finished tasks and their results, for everybody. */
export function purgeCommand(): Command {
  const command = new Command("purge")
    .description("forget finished tasks and their results")
    .argument("[ids...]", "of tasks or jobs")
    .option("--all", "whatever has finished, of any client", false);
  return withClusterOptions(command).action(async (ids: string[], options: PurgeOptions) => {
    const { all, output } = options;
    if (all === ids.length > 0) throw new CommandFailure("name what to forget: ids, or --all", EXIT.usage);
    await withClient(options, (client) => client.purgeResults(all ? "all" : ids));
    show(output, { purged: all ? "all" : ids }, () => [
      all ? "forgot all that has finished" : `forgot ${ids.join(" ")}`,
    ]);
  });
}
