import { Command } from "commander";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { show } from "./output-option.ts";

/** `fantail abort`: aborts tasks of any client. */
export function abortCommand(): Command {
  const command = new Command("abort")
    .description("abort tasks: queued ones end at once, running ones soon; finished tasks stay as they are")
    .argument("<ids...>", "task or job ids");
  return withClusterOptions(command).action(async (ids: string[], options: ClusterOptions) => {
    const report = await withClient(options, (client) => client.abort(ids));
    show(options.output, report, () => [
      ...report.aborted.map((id) => `${id}  aborted`),
      ...report.stopping.map((id) => `${id}  stopping: it is running and ends soon`),
      ...report.ended.map((id) => `${id}  not aborted: it had already finished`),
    ]);
  });
}
