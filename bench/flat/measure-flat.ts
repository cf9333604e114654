import { loadavg } from "node:os";
import { thisMachine } from "../machine.ts";
import { median } from "../median.ts";
import { shortly } from "../peers/compare.ts";
import { planOf } from "../peers/compared-workloads.ts";
import { commit, ownVersion } from "../peers/results.ts";
import { type DriverRun, runDriver } from "../peers/run-driver.ts";
import { OURS } from "../peers/summary.ts";
import { SYSTEMS } from "../peers/systems.ts";
import type { FlatResults, Point } from "./flat-results.ts";

/** A measurement to make. */
export interface FlatPlan {
  /** Numbers of engines to measure, each with `tasksPerPoint` tasks. */
  engines: readonly number[];
  /** Numbers of tasks to measure, each on `ENGINES` engines. */
  tasks: readonly number[];
  repetitions: number;
  signal: AbortSignal;
  /** Receives the progress, line by line. */
  say(line: string): void;
}

/** Number of tasks of each point of the series of engines. */
const TASKS = 100_000;

/** Number of engines, and of piscina's threads, of each point of the series of tasks. */
const ENGINES = 2;

/** A point whose first run takes longer, in seconds, is not repeated. */
const REPEATED_S = 20;

/** Measures all points, each run on a new cloud in new processes. */
export async function measureFlat(plan: FlatPlan): Promise<FlatResults> {
  const begun = performance.now();
  const loadBefore = loadavg()[0] ?? 0;
  const versions: Record<string, string> = { [OURS]: ownVersion() };
  const byEngines: Point[] = [];
  for (const engines of plan.engines) byEngines.push(await pointOf(plan, TASKS, engines));
  const byTasks: Point[] = [];
  const piscina: FlatResults["piscina"] = [];
  for (const n of plan.tasks) {
    byTasks.push(await pointOf(plan, n, ENGINES));
    const runs = await repeated(plan, "piscina", n, ENGINES);
    for (const run of runs) Object.assign(versions, run.versions);
    const rates = runs.map(({ figures }) => figures.tasks_per_s ?? Number.NaN);
    piscina.push({ n, tasksPerS: median(rates), runs: rates });
  }
  return {
    date: new Date().toISOString(),
    commit: commit(),
    machine: { ...thisMachine(), loadBefore },
    versions,
    seconds: Math.round((performance.now() - begun) / 1000),
    byEngines,
    byTasks,
    piscina,
  };
}

async function pointOf(plan: FlatPlan, n: number, engines: number): Promise<Point> {
  const all = await repeated(plan, OURS, n, engines);
  const runs = all.map(({ figures }) => ({
    tasksPerS: figures.tasks_per_s ?? Number.NaN,
    cpuMsPerTask: figures.cpu_ms_per_task ?? Number.NaN,
  }));
  const processes = all.flatMap((run) => run.processes);
  const cpuMsByProcess: Record<string, number> = {};
  for (const { name, cpuMs } of all.at(-1)?.processes ?? [])
    cpuMsByProcess[name] = (cpuMsByProcess[name] ?? 0) + cpuMs / n;
  const peakRssMb: Record<string, number> = {};
  for (const one of processes) peakRssMb[one.name] = Math.max(peakRssMb[one.name] ?? 0, one.peakRssMb);
  return {
    n,
    engines,
    tasksPerS: median(runs.map(({ tasksPerS }) => tasksPerS)),
    cpuMsPerTask: median(runs.map(({ cpuMsPerTask }) => cpuMsPerTask)),
    runs,
    cpuMsByProcess,
    peakRssMb,
  };
}

async function repeated(plan: FlatPlan, name: string, n: number, engines: number): Promise<DriverRun[]> {
  const system = SYSTEMS.find((one) => one.name === name);
  if (!system) throw new Error(`unknown system ${name}`);
  const runs: DriverRun[] = [];
  while (runs.length < plan.repetitions) {
    const run = await runDriver(system, planOf({ name: "W1", title: "", n, metrics: [] }, engines), plan.signal);
    runs.push(run);
    const { tasks_per_s, cpu_ms_per_task, seconds = 0 } = run.figures;
    plan.say(
      `${name.padEnd(8)} ${String(n).padStart(8)} tasks ${String(engines).padStart(3)} engines ` +
        `${shortly(tasks_per_s).padStart(8)} tasks/s ${shortly(cpu_ms_per_task).padStart(8)} ms of CPU a task`,
    );
    if (seconds > REPEATED_S) break;
  }
  return runs;
}
