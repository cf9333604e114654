import { writeFileSync } from "node:fs";
import * as v from "valibot";
import { Machine } from "../machine.ts";

const ScaleResult = v.object({
  scenario: v.string(),
  title: v.string(),
  n: v.number(),
  seconds: v.number(),
  tasksPerS: v.number(),
  /** Results per second in each tenth of the results. */
  deciles: v.array(v.number()),
  /** The fastest tenth's rate divided by the slowest one's, without the first tenth. */
  spread: v.number(),
  calls: v.number(),
  /** Rows that the jobs added to the tables. */
  rows: v.number(),
  /** The most memory of one process in megabytes, by process. The scheduler is a thread of the cloud. */
  peakRssMb: v.record(v.string(), v.number()),
  /** CPU time in microseconds per task, by process. Processes of the same kind are added up. */
  cpuUsPerTask: v.record(v.string(), v.number()),
});
export type ScaleResult = v.InferOutput<typeof ScaleResult>;

/** The results, as stored in `bench/scale.json`. */
const ScaleResults = v.object({
  /** When the measurement ended. */
  date: v.string(),
  commit: v.string(),
  machine: Machine,
  scenarios: v.array(ScaleResult),
  /** Scenarios that failed, and why. */
  failures: v.record(v.string(), v.string()),
});
export type ScaleResults = v.InferOutput<typeof ScaleResults>;

/** The most memory that a process may need, in megabytes, by the process's name. An engine's values come on top. */
const MEMORY_BOUNDS: Readonly<Record<string, number>> = {
  client: 250,
  reader: 250,
  scheduler: 250,
  report: 250,
  engine: 150,
};

/** What counts as flat: the fastest tenth is at most this many times as fast as the slowest. */
const FLAT_DECILES = 1.3;

export function writeScaleResults(file: string, results: ScaleResults): void {
  writeFileSync(file, `${JSON.stringify(v.parse(ScaleResults, results), (_, value) => rounded(value), 2)}\n`);
}

/** Returns a result as lines of text, with what exceeds a bound. */
export function linesOf(result: ScaleResult): string[] {
  const { scenario, n, seconds, tasksPerS, deciles, spread, calls, rows, peakRssMb, cpuUsPerTask } = result;
  const over = Object.entries(peakRssMb).flatMap(([name, mb]) => {
    const bound = MEMORY_BOUNDS[name];
    return bound !== undefined && mb > bound ? [`${name} ${Math.round(mb)} MB, bound ${bound}`] : [];
  });
  const memory = Object.entries(peakRssMb).map(([name, mb]) => `${name} ${Math.round(mb)}`);
  const cpu = Object.entries(cpuUsPerTask).map(([name, us]) => `${name} ${Math.round(us)}`);
  return [
    `${scenario}: ${n} tasks in ${seconds.toFixed(1)} s, ${Math.round(tasksPerS)} tasks/s`,
    `  per decile ${deciles.map((rate) => Math.round(rate)).join(" ")}: ${spread.toFixed(2)}, ${spread <= FLAT_DECILES ? "flat" : "not flat"}`,
    `  peak MB: ${memory.join(", ")}${over.length > 0 ? `; over the bound: ${over.join("; ")}` : ""}`,
    `  µs of CPU a task: ${cpu.join(", ")}`,
    `  ${calls} calls (${(calls / n).toFixed(3)} a task), ${rows} rows left`,
  ];
}

/** Rounds to four digits, more than the benchmark's precision. */
const rounded = (value: unknown) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
