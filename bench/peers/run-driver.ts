import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../median.ts";
import { type ProcessUse, peakRssMb, processTree, stillRuns } from "../process-tree.ts";
import type { DriverPlan } from "./compared-workloads.ts";
import { parseEvent } from "./driver-protocol.ts";
import type { System } from "./systems.ts";

/** How long a run may take from start to end, in milliseconds, unless its caller sets another limit. */
const RUN_MS = 300_000;

/** How long a system may take to end itself after its last event, in milliseconds. */
const END_MS = 15_000;

/** How long a system rests before its idle memory is sampled, in milliseconds, and the number of samples. */
const REST_MS = 2000;
const SAMPLES = 5;

/** How often memory is sampled during a run, in milliseconds: a process may end before the workload does. */
const PEAK_MS = 1000;

/** The results of one run. */
export interface DriverRun {
  figures: Record<string, number>;
  versions: Record<string, string>;
  /** The system's processes at the end of the workload. */
  processes: RunProcess[];
}

/** A process of a system. */
interface RunProcess {
  /** File name of its script; for an execution environment, the function's name. */
  name: string;
  /** CPU time during the workload, in milliseconds. */
  cpuMs: number;
  /** The most memory that it has had in RAM since it started, in megabytes. */
  peakRssMb: number;
}

/**
 * Runs one workload on a new instance of a system: starts it, waits until it is warm, runs the plan, and ends it with
 * all processes that it started. The instance's files are in a temporary folder.
 *
 * @throws Error with the end of the driver's stderr if the run fails or takes too long
 */
export async function runDriver(
  system: Pick<System, "command">,
  plan: DriverPlan,
  signal: AbortSignal,
  limitMs = RUN_MS,
): Promise<DriverRun> {
  const folder = mkdtempSync(join(tmpdir(), "fantail-bench-"));
  const begun = performance.now();
  const [file = "", ...argv] = system.command;
  const child = spawn(file, [...argv, plan.workload, String(plan.engines)], {
    cwd: folder,
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      ...process.env,
      TMPDIR: folder,
      PEER_FOLDER: folder,
      IPYTHONDIR: join(folder, "ipython"),
      DASK_CONFIG: folder,
      DASK_TEMPORARY_DIRECTORY: folder,
      PYTHONDONTWRITEBYTECODE: "1",
      NODE_ENV: "production",
      RESTATE_LOGGING: "ERROR",
    },
  });
  let complaint = "";
  child.stderr.on("data", (chunk) => {
    complaint = (complaint + chunk).slice(-2000);
  });
  child.stdin.on("error", () => undefined);
  const seen = new Map<string, ProcessUse>();
  const peaks = new Map<number, number>();
  const sampling = setInterval(() => samplePeaks(child.pid, peaks), PEAK_MS);
  try {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    return await Promise.race([
      follow(child, plan, begun, { seen, peaks }),
      once(ended, "abort").then(() => {
        throw new Error(signal.aborted ? "interrupted" : `took longer than ${limitMs / 1000} s`);
      }),
    ]);
  } catch (error) {
    const last = complaint.trim().split("\n").slice(-3).join(" | ");
    throw new Error(`${error instanceof Error ? error.message : String(error)}${last ? `: ${last}` : ""}`);
  } finally {
    clearInterval(sampling);
    remember(child, seen);
    await endAll(child, seen);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

interface Watched {
  /** The driver's descendants so far. */
  seen: Map<string, ProcessUse>;
  /** The most memory that each process has had in RAM so far, in megabytes, by its id. */
  peaks: Map<number, number>;
}

/** Answers a driver's events until the driver has ended. Returns its figures. */
async function follow(child: ChildProcess, plan: DriverPlan, begun: number, { seen, peaks }: Watched) {
  const run: DriverRun = { figures: {}, versions: {}, processes: [] };
  const exited = once(child, "exit");
  exited.catch(() => undefined);
  const { stdin, stdout, pid } = child;
  if (!stdin || !stdout || pid === undefined) throw new Error(`${child.spawnfile} could not be started`);
  let before: ProcessUse[] = [];
  let isDone = false;
  for await (const line of createInterface({ input: stdout })) {
    const event = parseEvent(line);
    if (event?.event === "first-result") {
      run.figures.first_result_s = (performance.now() - begun) / 1000;
      run.versions = event.versions;
    }
    if (event?.event === "ready") {
      remember(child, seen);
      if (plan.workload === "start") run.figures.idle_rss_mb = await idleRssMb(pid);
      isDone = plan.workload === "start";
      before = processTree(pid);
      stdin.end(`${JSON.stringify(plan)}\n`);
    }
    if (event?.event === "figures") {
      const after = processTree(pid);
      Object.assign(run.figures, event.figures);
      if (before.length > 0) run.figures.cpu_ms_per_task = (cpuOf(after) - cpuOf(before)) / event.tasks;
      run.processes = after.map((one) => {
        const earlier = before.find(({ id, startedAt }) => id === one.id && startedAt === one.startedAt);
        return {
          name: one.name || (earlier?.name ?? ""),
          cpuMs: one.cpuMs - (earlier?.cpuMs ?? 0),
          peakRssMb: Math.max(peaks.get(one.id) ?? 0, peakRssMb(one.id) ?? one.rssMb),
        };
      });
      remember(child, seen);
      isDone = true;
      break;
    }
  }
  const [code] = await Promise.race([exited, sleep(END_MS, ["late"])]);
  if (!isDone) throw new Error(`the driver ended its output (exit code ${code}) before it sent its figures`);
  return run;
}

function samplePeaks(pid: number | undefined, peaks: Map<number, number>): void {
  if (pid === undefined) return;
  for (const { id } of processTree(pid)) peaks.set(id, Math.max(peaks.get(id) ?? 0, peakRssMb(id) ?? 0));
}

function cpuOf(tree: readonly ProcessUse[]): number {
  return tree.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

async function idleRssMb(pid: number): Promise<number> {
  await sleep(REST_MS);
  const samples: number[] = [];
  for (let at = 0; at < SAMPLES; at++) {
    samples.push(processTree(pid).reduce((sum, { rssMb }) => sum + rssMb, 0));
    await sleep(200);
  }
  return median(samples);
}

/** Records a driver's descendants, because a process whose parent has ended can no longer be found below the driver. */
function remember(child: ChildProcess, seen: Map<string, ProcessUse>): void {
  if (child.pid === undefined) return;
  for (const one of processTree(child.pid)) seen.set(`${one.id}/${one.startedAt}`, one);
}

/** Kills the processes of a driver that are still running. */
async function endAll(child: ChildProcess, seen: ReadonlyMap<string, ProcessUse>): Promise<void> {
  const left = () => [...seen.values()].filter(stillRuns);
  // Give processes that end with their driver a moment to do so.
  for (let waited = 0; child.exitCode !== null && waited < 3000 && left().length > 0; waited += 100) await sleep(100);
  for (const { id } of left().reverse()) {
    try {
      process.kill(id, "SIGKILL");
    } catch {
      // The process has just ended.
    }
  }
}
