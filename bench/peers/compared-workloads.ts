import { heavyTailedSleeps, layeredGraph } from "../workloads.ts";

/** A figure that is compared. */
export interface ComparedMetric {
  metric: string;
  unit: string;
  better: "higher" | "lower";
  /** The metric's label in the chart. */
  title: string;
}

/** A workload that runs on every system that can run it. */
export interface ComparedWorkload {
  name: string;
  title: string;
  /** Number of tasks; for W9, index of the Fibonacci number. Absent: the workload has a fixed size. */
  n?: number;
  /** Whether a trial runs all tasks of this workload, whatever its limit. */
  isFixed?: boolean;
  metrics: readonly ComparedMetric[];
}

const rate = (title: string): ComparedMetric[] => [{ metric: "tasks_per_s", unit: "tasks/s", better: "higher", title }];
const seconds = (title: string): ComparedMetric[] => [{ metric: "seconds", unit: "s", better: "lower", title }];

/** The workloads, in the order in which they run and are shown. */
export const COMPARED: readonly ComparedWorkload[] = [
  {
    name: "start",
    title: "from nothing to the first result, then idle",
    metrics: [
      { metric: "first_result_s", unit: "s", better: "lower", title: "start to first result" },
      { metric: "idle_rss_mb", unit: "MB", better: "lower", title: "idle memory" },
    ],
  },
  { name: "W1", title: "10,000 no-ops", n: 10_000, metrics: rate("W1 10,000 no-ops") },
  { name: "W2", title: "10,000 no-ops in chunks of 100", n: 10_000, metrics: rate("W2 the same, chunks of 100") },
  {
    name: "W3",
    title: "300 single calls, one after the other",
    n: 300,
    metrics: [
      { metric: "p50_ms", unit: "ms", better: "lower", title: "W3 single call, median" },
      { metric: "p99_ms", unit: "ms", better: "lower", title: "W3 single call, 99th percentile" },
    ],
  },
  { name: "W4", title: "400 heavy-tailed sleeps, 40 s in all", metrics: seconds("W4 heavy-tailed sleeps") },
  {
    name: "W5",
    title: "1,000 values of 100 KiB, in and out",
    n: 1000,
    metrics: [{ metric: "mb_per_s", unit: "MB/s", better: "higher", title: "W5 100 KiB in and out" }],
  },
  { name: "W6", title: "a graph of 1,000 no-ops", metrics: seconds("W6 graph of 1,000 no-ops") },
  { name: "W6s", title: "the same graph of 5 ms sleeps", metrics: seconds("W6s the same of 5 ms sleeps") },
  {
    name: "W7",
    n: 200,
    isFixed: true,
    title: "200 tasks of 50 ms, a worker killed after 2.5 s",
    metrics: seconds("W7 a worker is killed"),
  },
  { name: "W8", title: "imap over a generator of 2,000 items", n: 2000, metrics: rate("W8 imap of a generator") },
  { name: "W9", title: "the tenth Fibonacci number by nested tasks", n: 10, metrics: rate("W9 nested tasks") },
  { name: "W10", title: "1,000 no-ops, one at a time per worker", n: 1000, metrics: rate("W10 no-ops at hwm 1") },
  {
    name: "W11",
    title: "2,000 no-ops submitted after tasks of 2 s",
    n: 2000,
    metrics: [{ metric: "last_noop_s", unit: "s", better: "lower", title: "W11 no-ops after long tasks" }],
  },
  { name: "W12", title: "5,000 no-ops, a tenth of which fail once", n: 5000, metrics: rate("W12 a tenth is retried") },
];

/** A driver's instructions, sent to it as one line of JSON. */
export interface DriverPlan {
  workload: string;
  n: number;
  engines: number;
  /** For W4: durations in milliseconds. */
  sleeps?: number[];
  /** For W6: the tasks that each task depends on. */
  parents?: number[][];
}

/**
 * Makes the plan of one run.
 *
 * @param limit maximum number of tasks, for a trial; workloads of a fixed size ignore it
 */
export function planOf(workload: ComparedWorkload, engines: number, limit = Number.POSITIVE_INFINITY): DriverPlan {
  const { name, n = 0, isFixed = false } = workload;
  return {
    workload: name,
    n: isFixed ? n : Math.min(n, limit),
    engines,
    ...(name === "W4" ? { sleeps: heavyTailedSleeps() } : {}),
    ...(name.startsWith("W6") ? { parents: layeredGraph() } : {}),
  };
}

/**
 * Chooses entries of a table by their names, in the order of the table.
 *
 * @param given names separated by commas; undefined: all entries
 * @throws RangeError that lists the known names, if a name is unknown
 */
export function choose<T extends { name: string }>(kind: string, table: readonly T[], given?: string): readonly T[] {
  if (given === undefined) return table;
  const names = given.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !table.some((entry) => entry.name === name));
  if (unknown !== undefined)
    throw new RangeError(`unknown ${kind} "${unknown}": choose from ${table.map(({ name }) => name).join(", ")}`);
  return table.filter(({ name }) => names.includes(name));
}
