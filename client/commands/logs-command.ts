import { setTimeout as delay } from "node:timers/promises";
import { Command, Option } from "commander";
import { isJobId, isTaskId } from "../../lambdas/protocol/task-id.ts";
import { type ClusterOptions, positive, withClient, withClusterOptions } from "./cluster-options.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { FileLogs } from "./file-logs.ts";
import { FUNCTION_KINDS, type FunctionKind, kindOf } from "./function-kind.ts";
import { isWanted, patternOf, shownLine } from "./log-line.ts";
import type { FunctionLines, LogSource, WantedLines } from "./log-source.ts";
import { wholeFrom } from "./number-options.ts";
import { show } from "./output-option.ts";
import { ONE_ID, resolveId } from "./resolve-ids.ts";
import { knownCluster } from "./running-cluster.ts";
import { StackLogs } from "./stack-logs.ts";
import { terminal } from "./terminal.ts";

const TASK_OUTPUT =
  "What tasks print is kept with their results, not in these logs: see `stdout` and `stderr` of client.getResult(id)";

const HOUR_MS = 3_600_000;

interface LogsOptions extends ClusterOptions {
  function?: FunctionKind;
  job?: string;
  task?: string;
  engine?: number;
  lines: number;
  since: number;
  follow?: boolean;
}

/** `fantail logs`: prints function logs of a cluster on this machine or of a stack, and with `-f` what they log next. */
export function logsCommand(): Command {
  const command = new Command("logs")
    .description("print recent function logs, and with -f the lines that follow")
    .option("-f, --follow", "go on printing new lines until stopped by Ctrl-C")
    .addOption(new Option("--function <name>", "only functions of this kind").choices(FUNCTION_KINDS))
    .option("--job <id>", `only lines about this job: ${ONE_ID}`)
    .option("--task <id>", "only lines about this task, or about a range of tasks with it")
    .option("--engine <id>", "only lines about this engine", wholeFrom(0))
    .option("-n, --lines <count>", "print at most this many recent lines per function", wholeFrom(1), 100)
    .option("--since <hours>", "for a stack: lines of the last <hours> hours", positive, 1);
  return withClusterOptions(command).action(printLogs);
}

async function printLogs(options: LogsOptions): Promise<void> {
  const source = await sourceOf(options, await wantedBy(options));
  if (options.output === "text") terminal.err(`${TASK_OUTPUT}\n`);
  if (options.follow) await follow(source, options.output);
  else showOnce(await source.recent(), options.output);
}

/** The lines that the options ask for, with complete ids. */
async function wantedBy(options: LogsOptions): Promise<WantedLines> {
  const { function: kind, engine, lines } = options;
  const complete = async (id: string | undefined) =>
    id === undefined || isJobId(id) || isTaskId(id) ? id : withClient(options, ({ core }) => resolveId(core, id));
  const [job, task] = [await complete(options.job), await complete(options.task)];
  if (job !== undefined && !isJobId(job))
    throw new CommandFailure(`--job ${job}: this is a task. Use --task`, EXIT.usage);
  if (task !== undefined && !isTaskId(task))
    throw new CommandFailure(`--task ${task}: this is a job. Use --job`, EXIT.usage);
  const filter = { job, task, engine };
  return {
    lines,
    pattern: patternOf(filter),
    hasFunction: (name) => kind === undefined || kindOf(name) === kind,
    hasLine: (line) => isWanted(line, filter),
  };
}

async function sourceOf(options: LogsOptions, wanted: WantedLines): Promise<LogSource> {
  const { profile = "default", stack, tenant, region, endpoint, awsProfile, since } = options;
  if ([stack, tenant, region, endpoint, awsProfile].some((option) => option !== undefined)) {
    const { stack: name = "Fantail", ...place } = options;
    return StackLogs.open({ ...place, stack: name }, wanted, Date.now() - since * HOUR_MS);
  }
  const folder = (await knownCluster(profile))?.connection.logs;
  if (folder !== undefined) return new FileLogs(folder, wanted);
  throw new CommandFailure(
    `profile ${profile}: no cluster is running. Start one with \`fantail start\`, or name a stack with --stack`,
    EXIT.noCluster,
  );
}

function showOnce(logs: readonly FunctionLines[], output: "text" | "json"): void {
  show(output, logs, () => logs.flatMap((log) => [`==> ${log.function} <==`, ...log.lines.map(shownLine), ""]));
}

/**
 * Prints lines as they come: as text, each after its function's kind; as JSON, one object per line, with its function's
 * name.
 */
async function follow(source: LogSource, output: "text" | "json"): Promise<void> {
  for (let logs = await source.recent(); ; logs = await source.next()) {
    const lines = logs.flatMap(({ function: name, lines: found }) =>
      found.map((line) => {
        if (output === "json") return JSON.stringify({ function: name, line });
        return { safe: `${(kindOf(name) ?? name).padEnd(9)} ${shownLine(line).safe}` };
      }),
    );
    if (lines.length > 0) terminal.lines(lines);
    await delay(source.pauseMs);
  }
}
