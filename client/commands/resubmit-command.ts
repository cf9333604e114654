import { Command } from "commander";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { show } from "./output-option.ts";

interface ResubmitOptions extends ClusterOptions {
  downstream?: boolean;
}

/** `fantail resubmit`: runs finished tasks again and prints their new ids. */
export function resubmitCommand(): Command {
  const command = new Command("resubmit")
    .description("run finished tasks again and print the new task ids")
    .argument("<ids...>", "task ids, or one job id")
    .option("--downstream", "also run the tasks that failed because of them");
  return withClusterOptions(command).action(async (ids: string[], options: ResubmitOptions) => {
    const { output, downstream = false } = options;
    const resubmitted = await withClient(options, async (client) => {
      const [only, ...others] = ids;
      const flags = { downstream };
      const result =
        only !== undefined && others.length === 0 ? client.resubmit(only, flags) : client.resubmit(ids, flags);
      // This command does not wait for the outcome.
      result.catch(() => {});
      await result.info();
      return { jobId: result.jobId, taskIds: result.taskIds };
    });
    show(output, resubmitted, () => [...resubmitted.taskIds]);
  });
}
