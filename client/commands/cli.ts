#!/usr/bin/env node
import { createRequire } from "node:module";
import { inspect } from "node:util";
import { Command, CommanderError } from "commander";
import { InvalidId } from "../../lambdas/protocol/errors.ts";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { abortCommand } from "./abort-command.ts";
import { deployCommand } from "./deploy-command.ts";
import { destroyCommand } from "./destroy-command.ts";
import { enginesCommand } from "./engines-command.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { listCommand } from "./list-command.ts";
import { logsCommand } from "./logs-command.ts";
import { purgeCommand } from "./purge-command.ts";
import { resubmitCommand } from "./resubmit-command.ts";
import { resultCommand } from "./result-command.ts";
import { startCommand } from "./start-command.ts";
import { statusCommand } from "./status-command.ts";
import { stopCommand } from "./stop-command.ts";
import { tasksCommand } from "./tasks-command.ts";
import { terminal } from "./terminal.ts";

/** The `fantail` command. */

const { version }: { version: string } = createRequire(import.meta.url)("fantail-lambda/package.json");

const program = new Command("fantail")
  .description("IPython Parallel's task interface on AWS Lambda")
  .version(version)
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
  listCommand(),
  statusCommand(),
  enginesCommand(),
  tasksCommand(),
  resultCommand(),
  resubmitCommand(),
  abortCommand(),
  purgeCommand(),
  logsCommand(),
  deployCommand(),
  destroyCommand(),
];
for (const command of commands) program.addCommand(command);
for (const command of [program, ...program.commands])
  command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  // Commander has already printed this error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const isExpected = error instanceof CommandFailure || error instanceof FantailError;
  terminal.err(`${isExpected ? `fantail: ${error.message}` : inspect(error)}\n`);
  if (error instanceof InvalidId) return EXIT.usage;
  return error instanceof CommandFailure ? error.exitCode : EXIT.failed;
}
