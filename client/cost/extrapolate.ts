import { leaseSize } from "../../lambdas/core/lease-size.ts";
import type { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import type { RegionPrices } from "./price-table.ts";

/** The usage of a sample. */
export interface SampleUse {
  /** Run time of each task in milliseconds, and its cost in US dollars. */
  runs: readonly { ms: number; usd: number }[];
  /** Number of tasks in the sample's last job. The fields below describe this job. */
  tasks: number;
  /** What the job cost in addition to run time, in US dollars. */
  overheadUsd: number;
  /** The shares of `overheadUsd` for tables and for transfer. */
  tablesUsd: number;
  transferUsd: number;
  /** Milliseconds from the job's submission to its last outcome. */
  ms: number;
}

/** Number of engines that run a map, their high-water mark, and the prices of table requests. */
export interface Engines {
  count: number;
  hwm: HighWaterMark;
  prices: Pick<RegionPrices, "millionWriteUnits" | "millionReadUnits">;
}

/** DynamoDB write units, and read units, of a lease of any size: its claim, outcome page, engine row, and reads. */
const LEASE_UNITS = 4;

/** Estimated cost in US dollars, the range of that cost, and the estimated time. */
export interface Extrapolation {
  usd: number;
  low: number;
  high: number;
  seconds: number;
}

/** Assumed size of a task's stored arguments, in bytes. Large arguments are stored separately. */
const SPEC_BYTES = 200;

/** Relative error of the estimate of all costs but run time: they vary with chance and load. */
const OVERHEAD_SHARE = 0.25;

/** Half-width of the range, in standard errors of the mean run time cost. */
const STANDARD_ERRORS = 2;

/**
 * Estimates the cost and time of `tasks` tasks. Run time, transfer, and table costs beyond those of leases are
 * extrapolated per task. All other costs, and the time in which engines do no work, are extrapolated per lease, because
 * a larger job has longer leases.
 */
export function extrapolate(sample: SampleUse, tasks: number, engines: Engines): Extrapolation {
  const prices = sample.runs.map((run) => run.usd);
  const mean = sum(prices) / prices.length;
  const meanMs = sum(sample.runs.map((run) => run.ms)) / prices.length;
  const sampled = leasesOf(sample.tasks, meanMs, engines);
  const leases = leasesOf(tasks, meanMs, engines) / sampled;
  const { millionWriteUnits, millionReadUnits } = engines.prices;
  const leaseTables = (sampled * LEASE_UNITS * (millionWriteUnits + millionReadUnits)) / 1e6;
  const byTask = sample.transferUsd + Math.max(0, sample.tablesUsd - leaseTables);
  const overhead = (sample.overheadUsd - byTask) * leases + (byTask * tasks) / sample.tasks;
  const workMs = (count: number) => (count * meanMs) / engines.count;
  const waitMs = Math.max(0, sample.ms - workMs(sample.tasks)) * leases;
  const usd = mean * tasks + overhead;
  const spread = STANDARD_ERRORS * standardError(prices, mean, tasks) * tasks + OVERHEAD_SHARE * overhead;
  return { usd, low: Math.max(0, usd - spread), high: usd + spread, seconds: (workMs(tasks) + waitMs) / 1000 };
}

/** Number of leases that a map takes if it runs alone: in each round, each engine gets one. */
function leasesOf(tasks: number, meanMs: number, { count, hwm }: Pick<Engines, "count" | "hwm">): number {
  let leases = 0;
  let reliable: number | undefined;
  for (let remaining = tasks; remaining > 0; ) {
    const measured = reliable === undefined ? {} : { meanMs, reliable };
    const size = leaseSize(hwm, { ...measured, remaining, engines: count, waitingJobs: 1, specBytes: SPEC_BYTES });
    const round = Math.min(count, Math.ceil(remaining / size));
    leases += round;
    remaining -= round * size;
    reliable = size;
  }
  return leases;
}

/** Standard error of the mean of a sample of `tasks` tasks; for a single value, which has none, the mean itself. */
function standardError(values: readonly number[], mean: number, tasks: number): number {
  if (values.length >= tasks) return 0;
  if (values.length < 2) return mean;
  const variance = sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
  return Math.sqrt((variance / values.length) * (1 - values.length / tasks));
}

/** A measured task: run time and CPU time in milliseconds, and the memory of its process in MB. */
export interface MeasuredRun {
  ms: number;
  cpuMs: number;
  usedMb: number;
}

/** Cost of the run time of all tasks at a memory size. */
export interface MemoryCost {
  memoryMb: number;
  usd: number;
  /** Mean run time of a task, in milliseconds. */
  meanMs: number;
}

/** Memory at which Lambda gives a function one full vCPU, in MB. Less memory gets a proportional share. */
const WHOLE_CPU_MB = 1769;

/** Memory sizes to compare, in MB. */
const SIZES = [128, 256, 512, 1024, 1769, 3008, 5120, 10_240];

/** Headroom: required memory as a multiple of the memory used. */
const SPARE = 1.2;

/**
 * Compares memory sizes. Lambda allocates CPU in proportion to memory, so CPU time is divided by the function's share
 * of one vCPU, and the rest of the run time stays the same. Above 1,769 MB, a task with one thread gains nothing. Sizes
 * that are too small for the measured processes are left out.
 *
 * @returns the cheapest first; undefined if the tasks used more than one CPU, to which this does not apply
 */
export function memoryCosts(runs: readonly MeasuredRun[], tasks: number, gbSecond: number): MemoryCost[] | undefined {
  const usedMb = Math.max(...runs.map((run) => run.usedMb));
  const ms = sum(runs.map((run) => run.ms));
  const cpuMs = sum(runs.map((run) => run.cpuMs));
  // The engine's own work may add some CPU time.
  if (runs.length === 0 || cpuMs > 1.2 * ms + 5 * runs.length) return undefined;
  const onCpu = Math.min(cpuMs, ms) / runs.length;
  const waiting = ms / runs.length - onCpu;
  return SIZES.filter((memoryMb) => memoryMb >= usedMb * SPARE)
    .map((memoryMb) => {
      const meanMs = waiting + onCpu / Math.min(1, memoryMb / WHOLE_CPU_MB);
      return { memoryMb, meanMs, usd: (tasks * meanMs * memoryMb * gbSecond) / (1000 * 1024) };
    })
    .sort((a, b) => a.usd - b.usd);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
