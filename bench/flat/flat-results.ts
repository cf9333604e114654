import { readFileSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import { Machine } from "../machine.ts";

const Point = v.object({
  /** Number of tasks. */
  n: v.number(),
  engines: v.number(),
  /** Medians of the repetitions. */
  tasksPerS: v.number(),
  cpuMsPerTask: v.number(),
  /** The same for every repetition. */
  runs: v.array(v.object({ tasksPerS: v.number(), cpuMsPerTask: v.number() })),
  /** CPU time per task in milliseconds by process, in the last repetition. Processes of the same name are added up. */
  cpuMsByProcess: v.record(v.string(), v.number()),
  /** The most memory of one process in megabytes, by process. */
  peakRssMb: v.record(v.string(), v.number()),
});
export type Point = v.InferOutput<typeof Point>;

/** The results, as stored in `bench/flat.json`. */
export const FlatResults = v.object({
  /** When the measurement ended. */
  date: v.string(),
  commit: v.string(),
  machine: Machine,
  versions: v.record(v.string(), v.string()),
  /** How long the whole measurement took, in seconds. */
  seconds: v.number(),
  /** W1 with the same number of tasks, on more and more engines. */
  byEngines: v.array(Point),
  /** W1 with more and more tasks, on the same number of engines. */
  byTasks: v.array(Point),
  /** W1 on piscina's worker threads, as many as engines in `byTasks`. */
  piscina: v.array(v.object({ n: v.number(), tasksPerS: v.number(), runs: v.array(v.number()) })),
});
export type FlatResults = v.InferOutput<typeof FlatResults>;

/** What counts as flat: at most this many times the best. */
export const FLAT = 1.3;

/** Number of tasks from which the rate should be flat. Smaller jobs end before the leases have grown. */
export const FLAT_FROM = 10_000;

/** Returns how many times the cheapest CPU time per task the dearest is. */
export function cpuSpread({ byEngines }: Pick<FlatResults, "byEngines">): number {
  return spread(byEngines.map(({ cpuMsPerTask }) => cpuMsPerTask));
}

/** Returns how many times the slowest rate the best is, from `FLAT_FROM` tasks on. */
export function rateSpread({ byTasks }: Pick<FlatResults, "byTasks">): number {
  return spread(byTasks.filter(({ n }) => n >= FLAT_FROM).map(({ tasksPerS }) => tasksPerS));
}

function spread(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : Math.max(...values) / Math.min(...values);
}

export function readFlatResults(file: string): FlatResults {
  return v.parse(FlatResults, JSON.parse(readFileSync(file, "utf8")));
}

export function writeFlatResults(file: string, results: FlatResults): void {
  writeFileSync(file, `${JSON.stringify(results, (_, value) => rounded(value), 2)}\n`);
}

/** Rounds to four digits, more than the benchmark's precision. */
const rounded = (value: unknown) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
