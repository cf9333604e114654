import { deployedName } from "../../lambdas/authoring/deployed-names.ts";
import { guardOf } from "../../lambdas/authoring/guard.ts";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { shown } from "../../lambdas/protocol/setting-fault.ts";
import { extrapolate, type MeasuredRun, type MemoryCost, memoryCosts, type SampleUse } from "../cost/extrapolate.ts";
import type { Flags } from "../flags/flags.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { checkedFunction } from "../submit/checked-function.ts";
import { eligibleEngines } from "../submit/engine-targets.ts";
import { checkSequence } from "./sequences.ts";
import { type BalancedPorts, LoadBalancedView } from "./view.ts";

/**
 * Options of `client.estimate`.
 *
 * @example
 * ```ts
 * await client.estimate(render, pages, { sample: 20, flags: { memoryMb: 1024 } });
 * ```
 */
export interface EstimateOptions {
  /**
   * Number of items to run, 1 or more. Default: about eight seconds of work per engine, because a job's leases grow
   * until then, but at most about a quarter of the items and at least four items per engine.
   */
  sample?: number | undefined;
  /** Flags of the sample's tasks; `chunkSize` and `idempotencyKey` are not allowed. Default: none. */
  flags?: Flags | undefined;
}

/** Estimated cost and time of a map, as returned by `client.estimate`. */
export interface Estimate {
  /** Number of items of the map. */
  tasks: number;
  /** Number of items that were run. */
  sampled: number;
  /** Estimated time from submission to the last outcome. */
  seconds: number;
  /** Estimated cost of the map in US dollars, as `AsyncResult.cost()` would report it. */
  usd: number;
  /** Range of the cost, with 95 % confidence if the sampled items are representative: from `low` to `high`. */
  low: number;
  high: number;
  /**
   * Estimated cost of the tasks' run time at various memory sizes, the cheapest first. Undefined if the function cannot
   * be measured on the engine, ran in pools of different memory or architecture, or used several CPUs.
   */
  byMemory: MemoryCost[] | undefined;
}

/** Work per engine, in milliseconds, after which leases have stopped growing. */
const WORK_MS = 8000;

/** Tasks of at least this length, in milliseconds, are as fast in the first part of a sample as in the second. */
const LONG_MS = 50;

/** @see Client.estimate */
export async function estimate<X>(
  ports: BalancedPorts,
  fn: (x: X) => unknown,
  xs: Iterable<X>,
  { sample, flags = {} }: EstimateOptions = {},
): Promise<Estimate> {
  if (sample !== undefined && !(Number.isInteger(sample) && sample >= 1))
    throw new InvalidFlag("sample", `must be a whole number, 1 or more, not ${shown(sample)}`);
  const own = ["chunkSize", "idempotencyKey"].find((name) => name in flags);
  if (own) throw new InvalidFlag(own, "cannot be set for an estimate, which runs separate items in several jobs");
  const view = new LoadBalancedView(ports, { ...flags, returnExceptions: true });
  checkedFunction(fn);
  checkSequence(xs, "estimate", 1);
  const drawn = new SpreadItems([...xs]);
  const { tasks } = drawn;
  if (tasks === 0) return { tasks, sampled: 0, seconds: 0, usd: 0, low: 0, high: 0, byMemory: undefined };
  const { hwm, prices } = ports.cluster;
  const engines = { count: Math.max(1, eligibleEngines(ports.cluster, view.flags)), hwm, prices };
  const pilot = sample === undefined ? Math.max(8, 2 * engines.count) : Math.ceil(sample / 4);
  const canMeasure = guardOf(fn) === undefined && deployedName(fn) === undefined;
  const first = await ran(view.map(canMeasure ? measuring(fn) : fn, drawn.take(pilot)));
  const meanMs = first.runs.reduce((all, { ms }) => all + ms, 0) / first.tasks;
  const taken = drawn.take((sample ?? defaultSample(tasks, pilot, engines.count, meanMs)) - pilot);
  const second = taken.length > 0 ? await ran(view.map(fn, taken)) : first;
  // Short tasks are slower in the first part, in which their code runs for the first time.
  const runs = second === first || meanMs < LONG_MS ? second.runs : [...first.runs, ...second.runs];
  return {
    tasks,
    sampled: drawn.taken,
    ...extrapolate({ ...second, runs }, tasks, engines),
    byMemory: canMeasure ? byMemory(ports, first, tasks) : undefined,
  };
}

/** Default of `EstimateOptions.sample`. */
function defaultSample(tasks: number, pilot: number, engines: number, meanMs: number): number {
  const work = (WORK_MS * engines) / Math.max(0.1, meanMs);
  return Math.ceil(pilot + Math.max(pilot, Math.min(work, tasks / 4)));
}

/** A part of the sample that has run, with its tasks' values and pools. */
interface RanPart extends SampleUse {
  values: unknown[];
  pools: (string | undefined)[];
}

/** Waits for a part of the sample and reads its cost. Rejects with the first error if all tasks failed. */
async function ran(result: AsyncResult<unknown[]>): Promise<RanPart> {
  const values = await result;
  if (values.every((value) => value instanceof FantailError)) throw values[0];
  const found = await result.metadata();
  const records = Array.isArray(found) ? found : [found];
  const runs = records.map(({ started, completed, cost }) => ({
    ms: started && completed ? completed.getTime() - started.getTime() : 0,
    usd: cost ?? 0,
  }));
  const { usd, tables, transfer } = await result.cost();
  return {
    tasks: records.length,
    overheadUsd: Math.max(tables + transfer, usd - runs.reduce((all, run) => all + run.usd, 0)),
    tablesUsd: tables,
    transferUsd: transfer,
    ms: await result.wallTimeMs(),
    runs,
    values,
    pools: records.map((record) => record.enginePool),
  };
}

/**
 * Wraps a function so that it also returns the CPU time and memory that it used. The original value is included, so
 * that its transfer is still part of the cost.
 */
function measuring<X>(fn: (item: X) => unknown): (item: X) => Promise<unknown> {
  return async (item) => {
    const began = performance.now();
    const before = process.cpuUsage();
    const value = await fn(item);
    const { user, system } = process.cpuUsage(before);
    const ms = performance.now() - began;
    return { measured: [ms, (user + system) / 1000, process.memoryUsage.rss() / 2 ** 20], value };
  };
}

/** Compares memory sizes by the tasks' measurements. Undefined if their pools differ in memory or architecture. */
function byMemory({ cluster }: BalancedPorts, { values, pools }: RanPart, tasks: number): MemoryCost[] | undefined {
  const ranIn = cluster.pools.filter(({ name }) => pools.includes(name));
  const [pool] = ranIn;
  if (!pool || ranIn.some((one) => one.memoryMb !== pool.memoryMb || one.architecture !== pool.architecture))
    return undefined;
  const runs = values.flatMap((value): MeasuredRun[] => {
    if (typeof value !== "object" || value === null || !("measured" in value) || !Array.isArray(value.measured))
      return [];
    const [ms, cpuMs, usedMb]: number[] = value.measured;
    return [{ ms: ms ?? 0, cpuMs: cpuMs ?? 0, usedMb: usedMb ?? 0 }];
  });
  return memoryCosts(runs, tasks, cluster.prices.gbSecond[pool.architecture ?? "arm64"]);
}

/** Draws items spread over a list, each at most once. */
class SpreadItems<X> {
  readonly tasks: number;
  taken = 0;
  #left: X[];

  constructor(items: X[]) {
    this.#left = items;
    this.tasks = items.length;
  }

  /** Divides the remaining items into `count` equal parts and takes a random item of each. */
  take(count: number): X[] {
    const size = this.#left.length;
    const wanted = Math.max(0, Math.min(count, size));
    const places = new Set<number>();
    for (let part = 0; part < wanted; part++) {
      const from = Math.floor((part * size) / wanted);
      const past = Math.floor(((part + 1) * size) / wanted);
      places.add(from + Math.floor(Math.random() * (past - from)));
    }
    const taken = this.#left.filter((_, at) => places.has(at));
    this.#left = this.#left.filter((_, at) => !places.has(at));
    this.taken += taken.length;
    return taken;
  }
}
