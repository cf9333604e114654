import { inspect } from "node:util";
import { Command } from "commander";
import { ResultTimeout } from "../../lambdas/protocol/errors.ts";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { show } from "./output-option.ts";
import { IDS, resolveIds } from "./resolve-ids.ts";

interface ResultOptions extends ClusterOptions {
  wait?: boolean;
}

/** `fantail result`: prints the results of tasks. Exits with 1 if a task failed or has not finished. */
export function resultCommand(): Command {
  const command = new Command("result")
    .description("print the result of a task, of a job, or of several tasks as a list")
    .argument("<ids...>", IDS)
    .option("--wait", "wait until the tasks have finished");
  return withClusterOptions(command).action(async (ids: string[], options: ResultOptions) => {
    const value = await withClient(options, async (client) => {
      const [only, ...others] = await resolveIds(client.core, ids);
      const isOne = only !== undefined && others.length === 0;
      const result = isOne ? client.getResult(only) : client.getResult([only ?? "", ...others]);
      try {
        return await result.get(options.wait ? {} : { timeoutMs: 0 });
      } catch (error) {
        if (error instanceof ResultTimeout)
          throw new CommandFailure("not all tasks have finished. Pass --wait to wait for them", EXIT.failed);
        throw error;
      }
    });
    show(options.output, jsonable(value), () => [typeof value === "string" ? value : inspect(value, { depth: 8 })]);
  });
}

/** Returns a value as JSON data, or as its `inspect` text if JSON cannot represent it. */
function jsonable(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? "null");
  } catch {
    return inspect(value, { depth: 8 });
  }
}
