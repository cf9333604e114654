import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import { EXTENSION, PACKAGE_ROOT } from "../folders/package-root.ts";
import { bundleProcess } from "./bundle-process.ts";
import { CallChannel, type Server } from "./call-channel.ts";
import { gcArguments } from "./gc-arguments.ts";
import { YOUNG_MB } from "./young-generation.ts";

/** Characters of stderr kept for the message when a process dies. */
const COMPLAINT_CHARS = 8_000;

/** A process of the cloud and the channel to call it. */
export interface OwnProcess<V> {
  child: ChildProcess;
  channel: CallChannel<V>;
}

/**
 * Starts a module of this package as a process, from source or as built.
 *
 * @param module path from the root of the package, without extension
 * @param name its name in error messages
 * @param leadsGroup whether the process leads a new group, so that all its descendants can be killed together
 */
export function startOwnProcess<V>(module: string, name: string, { leadsGroup = false } = {}): OwnProcess<V> {
  const child = spawn(process.execPath, [...gcArguments(), ...bundledArguments(module)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    detached: leadsGroup,
    env: ownEnvironment(),
  });
  // Let the owner end while the cloud is open. The cloud then ends too.
  child.unref();
  child.channel?.unref?.();
  if (child.stderr instanceof Socket) child.stderr.unref();
  return { child, channel: new CallChannel(serverIn(child), name) };
}

/** Starts a module of this package as a thread of this process. It shares the process's stdout and stderr. */
export function startOwnThread<V>(module: string, name: string): CallChannel<V> {
  const execArgv = bundledArguments(module);
  const file = execArgv.pop() ?? module;
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB };
  return new CallChannel(serverOn(new Worker(file, { execArgv, resourceLimits })), name);
}

function serverIn(child: ChildProcess): Server {
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_CHARS);
  });
  return {
    send: (message) => void child.send(message, () => {}),
    onMessage: (received) => void child.on("message", received),
    onEnd(ended) {
      // `close` follows `exit` once all output has been read.
      child.on("close", (code, signal) =>
        ended(signal ? `was killed (${signal})` : `ended with exit code ${code}`, complaint),
      );
      child.on("error", (error) => ended(`could not be started: ${error.message}`, complaint));
    },
    ref: () => void child.channel?.ref?.(),
    unref: () => void child.channel?.unref?.(),
    kill: () => void child.kill("SIGKILL"),
  };
}

function serverOn(worker: Worker): Server {
  let complaint = "";
  worker.on("error", (error) => {
    complaint = error.stack ?? error.message;
  });
  return {
    send: (message) => worker.postMessage(message),
    onMessage: (received) => void worker.on("message", received),
    // `exit` follows `error`.
    onEnd: (ended) => void worker.on("exit", (code) => ended(`ended with exit code ${code}`, complaint)),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    kill: () => void worker.terminate(),
  };
}

/**
 * Returns this process's environment without its Node options, such as an inspector port. Unless the environment says
 * otherwise, glibc gets two memory arenas: each arena keeps memory that was freed in it, and by default glibc creates
 * more of them for threads.
 */
function ownEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...environment } = process.env;
  return { MALLOC_ARENA_MAX: "2", ...environment };
}

/** Runs a module of this package to completion. Rejects with its stderr if it fails. */
export async function runModule(
  module: string,
  options: SpawnOptions & { signal?: AbortSignal },
  argv: readonly string[] = [],
): Promise<void> {
  const child = spawn(process.execPath, [...nodeArguments(module), ...argv], {
    ...options,
    // tsx would cache the sources in the temporary folder, where other users can read them if the umask allows it.
    env: { ...(options.env ?? process.env), TSX_DISABLE_CACHE: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let written = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    written = (written + text).slice(-COMPLAINT_CHARS);
  });
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new ClusterError(written))));
  });
}

/** Returns Node's arguments to run a module. In a checkout it is bundled first, if it can be. */
function bundledArguments(module: string): string[] {
  const bundle = EXTENSION === ".ts" ? bundleProcess(module) : undefined;
  return bundle === undefined ? nodeArguments(module) : [bundle];
}

function nodeArguments(module: string): string[] {
  const file = join(PACKAGE_ROOT, `${module}${EXTENSION}`);
  return EXTENSION === ".ts" ? ["--import", typeScriptLoader(), file] : [file];
}

function typeScriptLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
}
