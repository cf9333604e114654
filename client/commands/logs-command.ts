import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { type ClusterOptions, withClusterOptions } from "./cluster-options.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { FUNCTION_KINDS, type FunctionKind, kindOf } from "./function-kind.ts";
import { logGroups } from "./log-groups.ts";
import { wholeFrom } from "./number-options.ts";
import { show } from "./output-option.ts";
import { knownCluster } from "./running-cluster.ts";

interface LogsOptions extends ClusterOptions {
  function?: FunctionKind;
  lines: number;
}

/** `fantail logs`: prints function logs of a cluster on this machine; for a stack, the AWS commands that print them. */
export function logsCommand(): Command {
  const command = new Command("logs")
    .description("print recent function logs; for a stack, the AWS commands that print them")
    .addOption(new Option("--function <name>", "only functions of this kind").choices(FUNCTION_KINDS))
    .option("-n, --lines <count>", "print at most this many lines per function", wholeFrom(1), 100);
  return withClusterOptions(command).action((options: LogsOptions) => {
    const { stack, region, endpoint, awsProfile } = options;
    const isStack = [stack, region, endpoint, awsProfile].some((option) => option !== undefined);
    return isStack ? showGroups(options) : printLogs(options);
  });
}

async function printLogs({ profile = "default", function: wanted, lines, output }: LogsOptions): Promise<void> {
  const folder = (await knownCluster(profile))?.connection.logs;
  if (folder === undefined)
    throw new CommandFailure(
      `profile ${profile}: no cluster is running. Start one with \`fantail start\`, or name a stack with --stack`,
      EXIT.noCluster,
    );
  const logs = readdirSync(folder)
    .filter((name) => name.endsWith(".log") && isOf(name, wanted))
    .sort()
    .map((name) => ({
      function: name.slice(0, -".log".length),
      lines: readFileSync(join(folder, name), "utf8").trimEnd().split("\n").filter(Boolean).slice(-lines),
    }));
  show(output, logs, () => logs.flatMap((log) => [`==> ${log.function} <==`, ...log.lines, ""]));
}

async function showGroups({ stack = "Fantail", function: wanted, output, ...place }: LogsOptions): Promise<void> {
  const groups = (await logGroups({ ...place, stack })).filter((name) => isOf(name, wanted));
  const { region, awsProfile, endpoint } = place;
  const options = [
    ...(region === undefined ? [] : ["--region", region]),
    ...(awsProfile === undefined ? [] : ["--profile", awsProfile]),
    ...(endpoint === undefined ? [] : ["--endpoint-url", endpoint]),
  ];
  const commands = groups.map((group) => ["aws", "logs", "tail", group, ...options, "--follow"].join(" "));
  show(output, { groups, commands }, () =>
    commands.length === 0 ? ["no log groups found"] : ["The logs are in CloudWatch:", ...commands],
  );
}

function isOf(name: string, wanted: FunctionKind | undefined): boolean {
  return wanted === undefined || kindOf(name) === wanted;
}
