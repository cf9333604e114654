import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { Command } from "commander";
import { CONNECTION_VARIABLE } from "../connection/connection.ts";
import { type Cloud, startCloud } from "../local/cloud.ts";
import { type CloudSettings, cloudOptions, withCloudSettings } from "./cloud-settings.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { withProgressLine } from "./progress-line.ts";
import { scriptArguments } from "./script-arguments.ts";
import { STOP_SIGNALS } from "./stop-signals.ts";

/** `fantail run`: runs a script on an embedded cluster of its own. Exits as the script does. */
export function runCommand(): Command {
  const command = new Command("run")
    .description("start a cluster for one script, run the script, and stop the cluster")
    .argument("<script>", "JavaScript or TypeScript file; its Client.connect() finds the cluster")
    .argument("[args...]", "arguments for the script")
    // Arguments after the script belong to the script, even if they look like options of this command.
    .passThroughOptions();
  return withCloudSettings(command).action(run);
}

async function run(script: string, args: string[], settings: CloudSettings): Promise<void> {
  if (!existsSync(script)) throw new CommandFailure(`file not found: ${script}`, EXIT.usage);
  const words = [...scriptArguments(script), ...args];
  const stopped = new AbortController();
  const stop = (signal: NodeJS.Signals) => stopped.abort(signal);
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  try {
    const starting = startCloud({ ...cloudOptions(settings), signal: stopped.signal });
    const cloud = await withProgressLine("starting the cluster:", starting);
    try {
      for (const signal of STOP_SIGNALS) process.off(signal, stop);
      const code = await runScript(words, cloud);
      if (code !== EXIT.ok) throw new CommandFailure("", code);
    } finally {
      await cloud.close();
    }
  } catch (error) {
    if (stopped.signal.aborted) throw new CommandFailure("", exitCodeFor(stopped.signal.reason));
    throw error;
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  }
}

/**
 * Runs the script, passes signals on to it, and waits for its end. Resolves to the exit code that a shell would report.
 */
async function runScript(words: readonly string[], cloud: Pick<Cloud, "connection">): Promise<number> {
  const child = spawn(process.execPath, words, {
    stdio: "inherit",
    env: { ...process.env, [CONNECTION_VARIABLE]: JSON.stringify(cloud.connection) },
  });
  // On Ctrl-C, a terminal sends SIGINT to the script too. Do not pass it on: scripts often take a second one as "end at
  // once".
  const pass = (signal: NodeJS.Signals) => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, pass);
  try {
    const [code, signal]: (number | NodeJS.Signals | null)[] = await once(child, "exit");
    return typeof code === "number" ? code : exitCodeFor(signal);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, pass);
  }
}

/** The exit code of a program that a signal ended: 128 and the signal's number. */
function exitCodeFor(signal: unknown): number {
  const known = STOP_SIGNALS.find((name) => name === signal);
  return 128 + (known ? constants.signals[known] : constants.signals.SIGKILL);
}
