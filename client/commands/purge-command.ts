import { Command } from "commander";
import { hasConsent } from "./ask.ts";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { show } from "./output-option.ts";
import { IDS, resolveIds } from "./resolve-ids.ts";

interface PurgeOptions extends ClusterOptions {
  all?: boolean;
  yes?: boolean;
}

const QUESTION = "Remove all finished tasks of every client, and their results?";

/** `fantail purge`: removes finished tasks and their results for all clients. */
export function purgeCommand(): Command {
  const command = new Command("purge")
    .description("remove finished tasks and their results")
    .argument("[ids...]", IDS)
    .option("--all", "all finished tasks, of every client; asks first")
    .option("--yes", "do not ask");
  return withClusterOptions(command).action(async (ids: string[], options: PurgeOptions) => {
    const { all = false, yes = false, output } = options;
    if (all === ids.length > 0) throw new CommandFailure("pass task or job ids, or --all", EXIT.usage);
    if (all && !(await hasConsent(QUESTION, yes, output))) throw new CommandFailure("nothing was removed", EXIT.failed);
    const purged = await withClient(options, async (client) => {
      const named = all ? "all" : await resolveIds(client.core, ids);
      await client.purgeResults(named);
      return named;
    });
    show(output, { purged }, () => [
      purged === "all" ? "removed all finished tasks and their results" : `removed ${purged.join(" ")}`,
    ]);
  });
}
