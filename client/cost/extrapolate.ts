import { leaseSize } from "../../lambdas/core/lease-size.ts";
import type { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import type { RegionPrices } from "./price-table.ts";

/** What a sample has used. */
export interface SampleUse {
  /** Run time in milliseconds of each task, and its price in US dollars. */
  runs: readonly { ms: number; usd: number }[];
  /** Tasks of the sample's largest job, from which all other costs and the time follow. */
  tasks: number;
  /** What these tasks have cost in addition to their run time, in US dollars. */
  overheadUsd: number;
  /** The parts of this for tables and for transfer. */
  tablesUsd: number;
  transferUsd: number;
  /** Milliseconds from their submission to the last outcome. */
  ms: number;
}

/** How many engines run a map, how many of its tasks each of them gets at once, and the price of their tables. */
export interface Engines {
  count: number;
  hwm: HighWaterMark;
  prices: Pick<RegionPrices, "millionWriteUnits" | "millionReadUnits">;
}

/** Request units of DynamoDB that a lease takes, however many tasks it has: claim, page, engine's row, and reads. */
const LEASE_UNITS = 4;

/** What many tasks will probably cost, and how long they take. */
export interface Extrapolation {
  usd: number;
  low: number;
  high: number;
  seconds: number;
}

/** Size of a task's stored arguments, in bytes, if they are few. Larger ones are stored apart. */
const SPEC_BYTES = 200;

/** Share by which all costs but run time may differ from the estimate: they depend on chance and on the load. */
const OVERHEAD_SHARE = 0.25;

/** Number of standard errors on either side of the mean. */
const STANDARD_ERRORS = 2;

/**
 * Estimates the cost and the time of `tasks` tasks. Run time, transfer, and what tables cost for more than leases, cost
 * as much per task as in the sample. All other costs, and the time that engines do not work, are as large per lease as
 * in the sample: a larger job has longer leases.
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

/** Number of leases into which the scheduler cuts a map that runs alone: in each round, each engine gets one. */
function leasesOf(tasks: number, meanMs: number, { count, hwm }: Pick<Engines, "count" | "hwm">): number {
  let leases = 0;
  let previous: number | undefined;
  for (let remaining = tasks; remaining > 0; ) {
    const measured = previous === undefined ? {} : { meanMs, previous };
    const size = leaseSize(hwm, { ...measured, remaining, engines: count, waitingJobs: 1, specBytes: SPEC_BYTES });
    const round = Math.min(count, Math.ceil(remaining / size));
    leases += round;
    remaining -= round * size;
    previous = size;
  }
  return leases;
}

/** Standard error of the mean of a sample drawn from `tasks` tasks; that of one value is unknown, so all of it. */
function standardError(values: readonly number[], mean: number, tasks: number): number {
  if (values.length >= tasks) return 0;
  if (values.length < 2) return mean;
  const variance = sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
  return Math.sqrt((variance / values.length) * (1 - values.length / tasks));
}

/** One measured task: how long it ran and used the CPU, in milliseconds, and the memory of its process, in MB. */
export interface MeasuredRun {
  ms: number;
  cpuMs: number;
  usedMb: number;
}

/** What the run time of all tasks costs at a memory size. */
export interface MemoryCost {
  memoryMb: number;
  usd: number;
  /** Mean run time of a task. */
  meanMs: number;
}

/** Memory at which Lambda gives a function one whole CPU. With less memory it gets a proportional part. */
const WHOLE_CPU_MB = 1769;

/** Memory sizes to compare, in MB. */
const SIZES = [128, 256, 512, 1024, 1769, 3008, 5120, 10_240];

/** A process needs this much more memory than it was seen to use. */
const SPARE = 1.2;

/**
 * Compares memory sizes by Lambda's rule that CPU is in proportion to memory: the time on the CPU is divided by the
 * function's part of one CPU, and the rest of the run time stays. A task that uses one thread gains nothing above 1,769
 * MB. Sizes in which the measured processes would not fit are left out.
 *
 * @returns the cheapest first; undefined if the tasks have used more than one CPU, to which the rule does not apply
 */
export function memoryCosts(runs: readonly MeasuredRun[], tasks: number, gbSecond: number): MemoryCost[] | undefined {
  const usedMb = Math.max(...runs.map((run) => run.usedMb));
  const ms = sum(runs.map((run) => run.ms));
  const cpuMs = sum(runs.map((run) => run.cpuMs));
  // A few tenths more are the engine's own work.
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
