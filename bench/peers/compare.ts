import { loadavg } from "node:os";
import { median } from "../median.ts";
import { type ComparedWorkload, planOf } from "./compared-workloads.ts";
import { commit, machine, ownVersion, type Results } from "./results.ts";
import { runDriver } from "./run-driver.ts";
import { type Measurement, OURS, summarize } from "./summary.ts";
import type { System } from "./systems.ts";

/** A comparison to run. */
export interface Comparison {
  systems: readonly System[];
  workloads: readonly ComparedWorkload[];
  repetitions: number;
  engines: number;
  /** Maximum number of tasks per workload, for a trial. Default: no limit. */
  limit?: number | undefined;
  signal: AbortSignal;
  /** Receives the progress, line by line. */
  say(line: string): void;
}

/** One run of a workload on a system. */
interface Turn {
  repetition: number;
  workload: ComparedWorkload;
  system: System;
}

/**
 * Returns the runs in order: each repetition runs every workload on every system. Every other repetition reverses the
 * order of the systems, so that no system always runs after the same one.
 */
export function turns(systems: readonly System[], workloads: readonly ComparedWorkload[], repetitions: number): Turn[] {
  return Array.from({ length: repetitions }, (_, at) => at + 1).flatMap((repetition) =>
    workloads.flatMap((workload) =>
      (repetition % 2 === 1 ? systems : systems.toReversed())
        .filter(({ without }) => !(workload.name in without))
        .map((system) => ({ repetition, workload, system })),
    ),
  );
}

/**
 * Installs the systems, runs all workloads on each, and summarizes the figures. A failed run does not stop the others.
 */
export async function compare(comparison: Comparison): Promise<Results> {
  const { workloads, repetitions, engines, say, signal } = comparison;
  const loadBefore = loadavg()[0] ?? 0;
  const { systems, notInstalled } = await installAll(comparison);
  const measurements: Measurement[] = [];
  const failures: Results["failures"] = [];
  const versions: Record<string, string> = { [OURS]: ownVersion() };
  for (const { repetition, workload, system } of turns(systems, workloads, repetitions)) {
    if (signal.aborted) throw new Error("interrupted");
    const head = `${repetition}/${repetitions} ${workload.name.padEnd(5)} ${system.name.padEnd(11)}`;
    try {
      const run = await runDriver(system, planOf(workload, engines, comparison.limit), signal);
      Object.assign(versions, run.versions);
      measurements.push({ system: system.name, workload: workload.name, repetition, figures: run.figures });
      const shown = workload.metrics.map(({ metric, unit }) => `${shortly(run.figures[metric])} ${unit}`);
      say(`${head} ${shown.join(", ")}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push({ system: system.name, workload: workload.name, repetition, reason });
      say(`${head} failed: ${reason}`);
    }
  }
  const chosen = new Set(workloads.map(({ name }) => name));
  return {
    date: new Date().toISOString(),
    commit: commit(),
    machine: { ...machine(), loadBefore },
    engines,
    repetitions,
    versions,
    notes: Object.fromEntries(systems.map(({ name, notes }) => [name, [...notes]])),
    notInstalled,
    notRun: Object.fromEntries(
      systems.map(({ name, without }) => [
        name,
        Object.fromEntries(Object.entries(without).filter(([workload]) => chosen.has(workload))),
      ]),
    ),
    failures,
    metrics: summarize(workloads, measurements),
    cpuMsPerTask: cpuByWorkload(measurements),
  };
}

/**
 * Installs each system. Returns the installed systems, and for each of the others the reason why it could not be
 * installed.
 */
async function installAll({ systems, say }: Comparison) {
  const installed: System[] = [];
  const notInstalled: Record<string, string> = {};
  for (const system of systems)
    try {
      await system.install();
      installed.push(system);
    } catch (error) {
      const lines = (error instanceof Error ? error.message : String(error)).trim().split("\n");
      // The last line of a command's output names the problem.
      const reason = lines.at(-1) ?? "";
      notInstalled[system.name] = reason;
      say(`${system.name} could not be installed: ${reason}`);
    }
  return { systems: installed, notInstalled };
}

function cpuByWorkload(measurements: readonly Measurement[]): Results["cpuMsPerTask"] {
  const values = new Map<string, Map<string, number[]>>();
  for (const { workload, system, figures } of measurements) {
    if (figures.cpu_ms_per_task === undefined) continue;
    const bySystem = values.get(workload) ?? new Map<string, number[]>();
    bySystem.set(system, [...(bySystem.get(system) ?? []), figures.cpu_ms_per_task]);
    values.set(workload, bySystem);
  }
  return Object.fromEntries(
    [...values].map(([workload, bySystem]) => [
      workload,
      Object.fromEntries([...bySystem].map(([system, all]) => [system, median(all)])),
    ]),
  );
}

/** Formats a number with three significant digits, or as a whole number. */
export function shortly(value: number | undefined): string {
  if (value === undefined) return "?";
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
}
