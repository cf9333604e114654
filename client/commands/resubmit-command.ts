import { Command } from "commander";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import type { CommandClient } from "./command-client.ts";
import { show } from "./output-option.ts";
import { IDS, resolveIds } from "./resolve-ids.ts";

interface ResubmitOptions extends ClusterOptions {
  downstream?: boolean;
  failed?: boolean;
}

/** `fantail resubmit`: runs finished tasks again and prints their new ids. */
export function resubmitCommand(): Command {
  const command = new Command("resubmit")
    .description("run finished tasks again and print the new task ids")
    .argument("<ids...>", `${IDS}; of several ids, all must be tasks', unless --failed is given`)
    .option("--failed", "only those that failed; tasks that have not finished are left alone")
    .option("--downstream", "also run the tasks that failed because of them");
  return withClusterOptions(command).action(async (words: string[], options: ResubmitOptions) => {
    const { output, downstream = false, failed = false } = options;
    const resubmitted = await withClient(options, async (client) => {
      const ids = await resolveIds(client.core, words);
      return failed ? resubmitFailed(client, ids, downstream) : resubmit(client, ids, downstream);
    });
    show(output, resubmitted, () =>
      resubmitted.taskIds.length === 0 ? ["no task has failed, so none was resubmitted"] : [...resubmitted.taskIds],
    );
  });
}

/** Resubmits the tasks that have failed, which may be none. */
async function resubmitFailed(client: CommandClient, ids: readonly string[], downstream: boolean) {
  const { failed } = await client.resultStatus(ids);
  return failed.length === 0 ? { jobId: undefined, taskIds: [] } : resubmit(client, failed, downstream);
}

async function resubmit(client: CommandClient, ids: readonly string[], downstream: boolean) {
  const [only, ...others] = ids;
  const flags = { downstream };
  const result = only !== undefined && others.length === 0 ? client.resubmit(only, flags) : client.resubmit(ids, flags);
  // This command does not wait for the outcome.
  result.catch(() => {});
  await result.info();
  return { jobId: result.jobId, taskIds: result.taskIds };
}
