import type { JobFlags } from "../protocol/flags.ts";
import { countIndexes, holdsIndex, type IndexRange, rangesOf } from "../protocol/index-ranges.ts";

/** What a pool is, as far as placement asks. */
export interface PoolFacts {
  name: string;
  count: number;
  memoryMb: number;
}

/** The class of tasks that any engine may run. */
export const ANY_ENGINE = "any";

/** Longest name of a class: it is a sort key, of which DynamoDB takes 1,024 bytes. */
export const CLASS_CHARS = 1000;

/**
 * The queue class of a job: which engines may run it, by name. One partition of the queue each, so that
 * a queue full of work for engine 3 costs engine 7 nothing.
 *
 * `any`, `pool:<name>`, or `engines:` with ids and ranges of ids, sorted, as in `engines:0-3,7`.
 */
export function queueClass(flags: JobFlags, pools: readonly PoolFacts[]): string {
  const { targets, memoryMb } = flags;
  const large = pools.filter((pool) => pool.memoryMb >= (memoryMb ?? 0));
  if (targets === undefined) {
    if (large.length === pools.length) return ANY_ENGINE;
    return large.length === 1 ? `pool:${large[0]?.name}` : classOf(engineIds(large, pools));
  }
  if (typeof targets === "string") return large.some(({ name }) => name === targets) ? `pool:${targets}` : classOf([]);
  const allowed = new Set(engineIds(large, pools));
  return classOf(targets.filter((id) => allowed.has(id)));
}

function classOf(ids: readonly number[]): string {
  const ranges = rangesOf(ids).map(([from, to]) => (to - from === 1 ? String(from) : `${from}-${to - 1}`));
  return `engines:${ranges.join(",")}`;
}

/** Ids of the engines of some pools: pools are numbered on in their order. */
export function engineIds(some: readonly PoolFacts[], pools: readonly PoolFacts[]): number[] {
  const ids: number[] = [];
  let first = 0;
  for (const pool of pools) {
    if (some.includes(pool)) for (let id = first; id < first + pool.count; id++) ids.push(id);
    first += pool.count;
  }
  return ids;
}

/** Claims that an engine may run tasks of the class. Takes the class's name apart once, for many engines. */
export function eligibility(queue: string): (engine: { id: number; pool: string }) => boolean {
  if (queue === ANY_ENGINE) return () => true;
  const colon = queue.indexOf(":");
  const names = queue.slice(colon + 1);
  if (queue.slice(0, colon) === "pool") return ({ pool }) => pool === names;
  const ranges = engineRanges(names);
  return ({ id }) => holdsIndex(ranges, id);
}

/** Claims that an engine may run tasks of the class. */
export function isEligible(engine: { id: number; pool: string }, queue: string): boolean {
  return eligibility(queue)(engine);
}

/** How many engines may run tasks of the class. */
export function eligibleCount(queue: string, pools: readonly PoolFacts[]): number {
  if (queue.startsWith("engines:")) return countIndexes(engineRanges(queue.slice("engines:".length)));
  const mayRun = pools.filter(({ name }) => queue === ANY_ENGINE || queue === `pool:${name}`);
  return mayRun.reduce((sum, { count }) => sum + count, 0);
}

function engineRanges(names: string): IndexRange[] {
  if (names === "") return [];
  return names.split(",").map((name) => {
    const [from = 0, to = from] = name.split("-").map(Number);
    return [from, to + 1];
  });
}
