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
   * Number of items to run, 1 or more. Default: about eight seconds of work for each engine, because a job's leases
   * grow until then, but at most about a quarter of the items, and at least four per engine.
   */
  sample?: number | undefined;
  /** Flags of the sample's tasks, without `chunkSize` and `idempotencyKey`. Default: none. */
  flags?: Flags | undefined;
}

/** What a map will probably cost, as `client.estimate` has found by a sample. */
export interface Estimate {
  /** Number of items of the whole. */
  tasks: number;
  /** Number of items that were run. */
  sampled: number;
  /** How long the whole takes, from submission to the last outcome. */
  seconds: number;
  /** What the whole costs, in US dollars, as by `AsyncResult.cost()`. */
  usd: number;
  /** The range in which the cost lies with 95 % probability, if the items that were run are like the others. */
  low: number;
  high: number;
  /**
   * What the run time of all tasks would cost at other memory sizes, the cheapest first. Undefined if that cannot be
   * known: if the function cannot be measured on the engine, ran in pools of different memory, or used several CPUs.
   */
  byMemory: MemoryCost[] | undefined;
}

/** Work per engine, in milliseconds, after which leases are about as long as in a long job. */
const WORK_MS = 8000;

/** Tasks at least this long, in milliseconds, take about as long in the first part of a sample as in the second. */
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
  // The first run of short code takes longer than the others.
  const runs = second === first || meanMs < LONG_MS ? second.runs : [...first.runs, ...second.runs];
  return {
    tasks,
    sampled: drawn.taken,
    ...extrapolate({ ...second, runs }, tasks, engines),
    byMemory: canMeasure ? byMemory(ports, first, tasks) : undefined,
  };
}

/** Number of items to run if none is given: see `EstimateOptions`. */
function defaultSample(tasks: number, pilot: number, engines: number, meanMs: number): number {
  const work = (WORK_MS * engines) / Math.max(0.1, meanMs);
  return Math.ceil(pilot + Math.max(pilot, Math.min(work, tasks / 4)));
}

/** A part of the sample, and what its tasks have done. */
interface RanPart extends SampleUse {
  values: unknown[];
  pools: (string | undefined)[];
}

/** Waits for the tasks of a part, and reads what they have cost. Rejects with the first error if all have failed. */
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
 * Makes a function that calls another one on an engine, and returns what it has used of CPU and memory with its value,
 * so that the value is sent and paid for as without it.
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

/** Compares memory sizes by what the tasks of a part have measured, if all ran in pools of the same memory. */
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

/** Draws items that are spread over a whole list, each once. */
class SpreadItems<X> {
  readonly tasks: number;
  taken = 0;
  #left: X[];

  constructor(items: X[]) {
    this.#left = items;
    this.tasks = items.length;
  }

  /** Takes one item at random from each of `count` equal parts of those that are left. */
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
