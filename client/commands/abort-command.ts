import { Command } from "commander";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { show } from "./output-option.ts";
import { IDS, resolveIds } from "./resolve-ids.ts";

/** `fantail abort`: aborts tasks of any client. */
export function abortCommand(): Command {
  const command = new Command("abort")
    .description("abort tasks: queued tasks end at once, running tasks end soon, and finished tasks are unchanged")
    .argument("<ids...>", IDS);
  return withClusterOptions(command).action(async (ids: string[], options: ClusterOptions) => {
    const report = await withClient(options, async (client) => client.abort(await resolveIds(client.core, ids)));
    const isIdle = report.aborted.length + report.stopping.length === 0;
    show(options.output, report, () => [
      ...(isIdle ? [`nothing to abort: ${finished(report.ended.length)}`] : []),
      ...report.aborted.map((id) => `${id}  aborted`),
      ...report.stopping.map((id) => `${id}  stopping: it is running and ends soon`),
      ...report.ended.map((id) => `${id}  not aborted: it had already finished`),
    ]);
  });
}

function finished(tasks: number): string {
  return tasks === 1 ? "the task had already finished" : `all ${tasks} tasks had already finished`;
}
