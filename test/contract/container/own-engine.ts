import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { unpackPackages } from "./debian-packages.ts";

/** An engine takes a second or two to answer, and as long to stop. */
const ANSWER_MS = 30_000;
const POLL_MS = 100;
/**
 * Name of the engine's bridge. docker0 may belong to an engine that is not running now, and would be changed or
 * removed. The name is constant, since the engine recreates the bridge that it remembers.
 */
const BRIDGE = "fantail0";
/**
 * Runs the engine until stdin closes, which is when it is stopped or its owner dies. One signal makes the engine stop
 * its containers; a second one would leave them behind. Its bridge is removed with it, and a bridge left by a killed
 * run is removed first. Its mounts, and its files in fixed places of the system, are in a namespace that ends with it.
 */
const ENGINE = `
exec 3<&0
run=$1; shift
mkdir "$run/over" && mount -t tmpfs tmpfs "$run/over" || exit
for folder in etc run; do
  mkdir "$run/over/$folder" "$run/over/$folder.work"
  mount -t overlay -o "lowerdir=/$folder,upperdir=$run/over/$folder,workdir=$run/over/$folder.work" overlay "/$folder" || exit
done
ip link show ${BRIDGE} > /dev/null 2>&1 || ip link add ${BRIDGE} type bridge
"$@" 3<&- & engine=$!
{ cat <&3 > /dev/null; kill "$engine" 2> /dev/null; } &
wait "$engine"; code=$?
ip link delete ${BRIDGE}
exit "$code"
`;
/** Removes the engine's folder from a namespace in which none of its mounts is visible. */
const UNDER_OWNER = `
unshare --mount sh -c '${ENGINE}' sh "$@"; code=$?
rm -rf "$1"
exit "$code"
`;

/** A container engine that this process started. */
export interface OwnEngine {
  /** In the form of the variable DOCKER_HOST. */
  host: string;
  stop(): Promise<void>;
}

/** Returns why this machine cannot start an engine of our own; undefined if it may be tried. */
export function noOwnEngine(): string | undefined {
  if (process.platform !== "linux") return `none can be started on ${process.platform}`;
  if (process.getuid?.() !== 0) return "to start one, be root";
  return undefined;
}

/**
 * Starts Debian's container engine separately from the system's: it has its own socket, data and process id, publishes
 * ports on the loopback address, and leaves the system's packet filter alone. Containers can reach nothing outside.
 *
 * It ends with this process, also if that is killed.
 *
 * @param folder for its images, and for its programs if they are not installed; kept between runs
 */
export async function startOwnEngine(folder: string): Promise<OwnEngine> {
  const env = await unpackPackages(["docker.io"], folder);
  const run = mkdtempSync(join(tmpdir(), "fantail-engine-"));
  mkdirSync(folder, { recursive: true });
  // Otherwise the engine would read the system's configuration.
  writeFileSync(join(run, "daemon.json"), "{}");
  const socket = join(run, "engine.sock");
  const log = join(folder, "engine.log");
  const settings = {
    "config-file": join(run, "daemon.json"),
    "data-root": join(folder, "engine"),
    "exec-root": join(run, "exec"),
    // Prevents two engines on the same data: the engine refuses to start while the process in this file is alive.
    pidfile: join(folder, "engine.pid"),
    host: `unix://${socket}`,
    ip: "127.0.0.1",
    bridge: BRIDGE,
    iptables: false,
    ip6tables: false,
    "ip-forward": false,
    "ip-masq": false,
  };
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const child = spawn("sh", ["-c", UNDER_OWNER, "sh", run, "dockerd", ...flags], {
    env,
    // Its own process group, so that an interrupt of its owner does not reach it and it can shut down in order.
    detached: true,
    stdio: ["pipe", openSync(log, "w"), openSync(log, "a")],
  });
  child.unref();
  const stop = () => end(child);
  try {
    await answers(socket, child);
  } catch (error) {
    const last = readFileSync(log, "utf8").trim().split("\n").slice(-3).join("\n");
    await stop();
    throw new Error(`the container engine did not start: ${last}`, { cause: error });
  }
  return { host: `unix://${socket}`, stop };
}

async function answers(socket: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + ANSWER_MS;
  while (!(await ping(socket))) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error(`no answer within ${ANSWER_MS} ms`);
    await delay(POLL_MS);
  }
}

function ping(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: "/_ping" }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("error", () => resolve(false)).end();
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = once(child, "exit");
  child.stdin?.end();
  await ended;
}
