import { inspect } from "node:util";
import { Command } from "commander";
import { ResultTimeout } from "../../lambdas/protocol/errors.ts";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { show } from "./output-option.ts";

interface ResultOptions extends ClusterOptions {
  wait?: boolean;
}

/** `fantail result`: prints the results of tasks. Exits with 1 if a task failed or has not finished. */
export function resultCommand(): Command {
  const command = new Command("result")
    .description("print the result of a task, of a job, or of several tasks as a list")
    .argument("<ids...>", "task ids, or one job id")
    .option("--wait", "wait until the tasks have finished");
  return withClusterOptions(command).action(async (ids: string[], options: ResultOptions) => {
    const value = await withClient(options, async (client) => {
      const [only, ...others] = ids;
      const result = only !== undefined && others.length === 0 ? client.getResult(only) : client.getResult(ids);
      try {
        return await result.get(options.wait ? {} : { timeoutMs: 0 });
      } catch (error) {
        if (error instanceof ResultTimeout)
          throw new CommandFailure("not all tasks have finished. Pass --wait to wait for them", EXIT.failed);
        if (!(error instanceof FantailError) || options.output === "text") throw error;
        // With `--output json`, the error is printed as JSON, and the exit code reports it too.
        process.exitCode = EXIT.failed;
        return { error: { code: error.code, message: error.message } };
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
