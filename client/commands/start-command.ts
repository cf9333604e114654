import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import type { ClusterError } from "../../lambdas/protocol/errors.ts";
import { forgetEnd, noteEnd } from "../cluster/cluster-ended.ts";
import { connectionFile, fantailHome } from "../connection/connection.ts";
import { type Cloud, type CloudOptions, startCloud } from "../local/cloud.ts";
import { latencyText } from "../local/latency/latency-option.ts";
import { type CloudSettings, cloudOptions, withCloudSettings } from "./cloud-settings.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { outputOption, show } from "./output-option.ts";
import { count } from "./plural.ts";
import { ProfileLogs } from "./profile-logs.ts";
import { profileOption } from "./profile-option.ts";
import { withProgressLine } from "./progress-line.ts";
import { knownCluster, removeConnectionFile, writeConnectionFile } from "./running-cluster.ts";
import { stopSignal } from "./stop-signals.ts";
import { terminal } from "./terminal.ts";

interface StartOptions extends CloudSettings {
  template?: string;
  profile: string;
  data?: string;
  daemonize?: boolean;
  output: "text" | "json";
}

type StackOptions = Omit<StartOptions, "profile" | "data" | "daemonize" | "output">;

const STARTING = "starting the cluster:";

/** `fantail start`: starts a cluster on this machine for all scripts of this user. */
export function startCommand(): Command {
  return withCloudSettings(
    new Command("start").description("start a cluster on this machine and write its connection file"),
  )
    .addOption(profileOption())
    .addOption(
      new Option(
        "--template <file>",
        "run your own stack, from a template of `cdk synth` such as cdk.out/My.template.json",
      ).conflicts(["engines", "scheme", "hwm", "functions", "codeShipping", "logLevel"]),
    )
    .option("--data <folder>", "keep tables, blobs and logs in this folder")
    .option("--daemonize", "run in the background")
    .addOption(outputOption())
    .action((options: StartOptions) => (options.daemonize ? startInBackground(options) : startHere(options)));
}

async function startHere({ profile, data, output, ...options }: StartOptions): Promise<void> {
  await refuseSecond(profile);
  const stopped = stopSignal();
  const logs = data === undefined ? new ProfileLogs(profile) : undefined;
  const kept = { logDir: logs?.folder, dataDir: data === undefined ? undefined : resolve(data) };
  let isCluster = false;
  try {
    const cloud = await withProgressLine(STARTING, startUnlessStopped(stopped, { ...stackOf(options), ...kept }));
    if (!cloud) return;
    try {
      isCluster = writeConnectionFile(profile, cloud.connection);
      if (!isCluster) throw alreadyStarted(profile);
      logs?.removeEarlier();
      forgetEnd(profile);
      announce(profile, cloud, output, process.pid, "; stop it with Ctrl-C or");
      // If another process started this one in the background, notify it.
      process.send?.("started");
      if (process.connected) process.disconnect();
      const why = await untilEnded(cloud);
      if (!stopped.aborted) throw endedByItself(profile, why, data);
    } finally {
      removeConnectionFile(profile, process.pid);
      await cloud.close();
    }
  } finally {
    if (!isCluster) logs?.remove();
  }
}

function stackOf({ template, ...settings }: StackOptions): CloudOptions {
  return template === undefined ? cloudOptions(settings) : { template, latency: settings.latency };
}

/** Starts the cloud. Returns undefined if this process was asked to stop meanwhile. */
async function startUnlessStopped(stopped: AbortSignal, options: CloudOptions): Promise<Cloud | undefined> {
  try {
    return await startCloud({ ...options, signal: stopped });
  } catch (error) {
    if (stopped.aborted) return undefined;
    throw error;
  }
}

/** Waits until the cloud ends for any reason. Keeps this process alive, which the cloud does not. */
async function untilEnded(cloud: Cloud): Promise<ClusterError | undefined> {
  const alive = setInterval(() => {}, 2 ** 30);
  const why = await cloud.ended;
  clearInterval(alive);
  return why;
}

/**
 * Returns the failure for a cluster that ended without being stopped, and records the reason for the cluster's clients.
 */
function endedByItself(profile: string, why: ClusterError | undefined, data: string | undefined): CommandFailure {
  const message = why?.message ?? "the embedded cluster ended";
  noteEnd(profile, process.pid, message);
  const kept = data === undefined ? "" : `; its data is in ${data}`;
  return new CommandFailure(`${message}. Start it again with \`fantail start\`${kept}`, EXIT.failed);
}

async function startInBackground(given: StartOptions): Promise<void> {
  const { profile, output, engines, scheme, hwm, functions, codeShipping, logLevel, latency, data, template } = given;
  await refuseSecond(profile);
  mkdirSync(fantailHome(), { recursive: true, mode: 0o700 });
  const log = join(fantailHome(), `${profile}.log`);
  const stream = openSync(log, "w", 0o600);
  const options = [`--profile=${profile}`];
  if (template === undefined)
    options.push(...[`--engines=${engines}`, `--scheme=${scheme}`, `--hwm=${hwm}`, `--log-level=${logLevel}`]);
  else options.push(`--template=${resolve(template)}`);
  if (functions !== undefined) options.push(`--functions=${functions}`);
  if (latency !== undefined) options.push(`--latency=${latencyText(latency)}`);
  if (!codeShipping) options.push("--no-code-shipping");
  if (data !== undefined) options.push(`--data=${resolve(data)}`);
  const [, script = ""] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, script, "start", ...options], {
    detached: true,
    stdio: ["ignore", stream, stream, "ipc"],
  });
  const ready = new Promise<number | undefined>((started) => {
    child.once("message", () => started(undefined));
    child.once("exit", (exitCode) => started(exitCode ?? EXIT.failed));
  });
  const code = await withProgressLine(STARTING, ready);
  if (code !== undefined)
    throw new CommandFailure(
      readFileSync(log, "utf8")
        .trim()
        .replace(/^fantail: /, ""),
      code,
    );
  child.unref();
  // Pass the cluster's notices on to the user.
  for (const line of readFileSync(log, "utf8").split("\n")) if (line.startsWith("fantail: ")) terminal.err(`${line}\n`);
  const cluster = await knownCluster(profile);
  if (!cluster) throw new CommandFailure(`the cluster ended right after it started; see ${log}`, EXIT.failed);
  announce(profile, cluster, output, child.pid ?? 0, "; stop it with");
}

function announce(
  profile: string,
  { connection }: Pick<Cloud, "connection">,
  output: "text" | "json",
  pid: number,
  how: string,
): void {
  const engines = connection.pools.reduce((sum, pool) => sum + pool.count, 0);
  const file = connectionFile(profile);
  const stop = profile === "default" ? "fantail stop" : `fantail stop --profile=${profile}`;
  show(output, { profile, pid, file, engines, scheme: connection.scheme, hwm: connection.hwm }, () => [
    `${count(engines, "engine")}, scheme ${connection.scheme}, hwm ${connection.hwm}, process ${pid}`,
    `connection file ${file}${how} \`${stop}\``,
  ]);
}

async function refuseSecond(profile: string): Promise<void> {
  const cluster = await knownCluster(profile);
  if (cluster?.running) throw alreadyStarted(profile);
  // A killed cluster leaves its connection file behind.
  if (cluster) removeConnectionFile(profile, cluster.connection.pid);
}

function alreadyStarted(profile: string): CommandFailure {
  return new CommandFailure(
    `profile ${profile}: a cluster is already running. Stop it with \`fantail stop\`, or choose another --profile`,
    EXIT.alreadyStarted,
  );
}
