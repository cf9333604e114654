import { createRequire } from "node:module";
import { Command } from "commander";
import { abortCommand } from "./abort-command.ts";
import { completionCommand } from "./completion-command.ts";
import { costCommand } from "./cost-command.ts";
import { dashboardCommand } from "./dashboard-command.ts";
import { deployCommand } from "./deploy-command.ts";
import { destroyCommand } from "./destroy-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { enginesCommand } from "./engines-command.ts";
import { EXIT } from "./exit-codes.ts";
import { jobsCommand } from "./jobs-command.ts";
import { listCommand } from "./list-command.ts";
import { logsCommand } from "./logs-command.ts";
import { purgeCommand } from "./purge-command.ts";
import { reportFailure } from "./report-failure.ts";
import { resubmitCommand } from "./resubmit-command.ts";
import { resultCommand } from "./result-command.ts";
import { runCommand } from "./run-command.ts";
import { startCommand } from "./start-command.ts";
import { statusCommand } from "./status-command.ts";
import { stopCommand } from "./stop-command.ts";
import { tasksCommand } from "./tasks-command.ts";
import { type Streams, terminal, withStreams } from "./terminal.ts";
import { timelineCommand } from "./timeline-command.ts";

const { version }: { version: string } = createRequire(import.meta.url)("fantail-lambda/package.json");

/**
 * Runs a `fantail` command in this process.
 *
 * @param words the command and its options, as on a command line after `fantail`
 * @param streams where the command writes. Default: the process's stdout and stderr
 * @returns the exit code
 */
export async function runProgram(words: readonly string[], streams: Streams = process): Promise<number> {
  return await withStreams(streams, async () => {
    const form = formOf(words);
    try {
      await fantailCommand(form).parseAsync(words, { from: "user" });
      return EXIT.ok;
    } catch (error) {
      return reportFailure(error, form);
    }
  });
}

/**
 * The form of errors: JSON if the output is JSON. The options are not parsed by commander, so that wrong usage is
 * reported in the right form too.
 */
function formOf(words: readonly string[]): "text" | "json" {
  // After `run`, options may belong to the script.
  const isJson = words[0] !== "run" && /(?:^| )(?:-o|--output)[ =]?json(?: |$)/.test(words.join(" "));
  return isJson ? "json" : "text";
}

function fantailCommand(form: "text" | "json"): Command {
  const program = new Command("fantail")
    .description("IPython Parallel's task interface on AWS Lambda")
    .version(version)
    // Required by `passThroughOptions` of `run`, which leaves all options after the script to the script.
    .enablePositionalOptions()
    .addHelpText(
      "after",
      `
Exit codes: 0 success, 1 failure, 2 wrong usage, 10 already started, 11 already stopped,
12 no cluster, 13 no CDK.
Connection files are in ~/.fantail, or in the folder that FANTAIL_HOME names.`,
    );
  const commands = [
    startCommand(),
    stopCommand(),
    runCommand(),
    listCommand(),
    statusCommand(),
    enginesCommand(),
    jobsCommand(),
    costCommand(),
    tasksCommand(),
    resultCommand(),
    timelineCommand(),
    dashboardCommand(),
    resubmitCommand(),
    abortCommand(),
    purgeCommand(),
    logsCommand(),
    deployCommand(),
    destroyCommand(),
    doctorCommand(),
    completionCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      ...(form === "json" && { outputError: () => {} }),
    });
  return program;
}
