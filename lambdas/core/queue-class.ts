import type { JobFlags } from "../protocol/flags.ts";

/** What a pool is, as far as placement asks. */
export interface PoolFacts {
  name: string;
  count: number;
  memoryMb: number;
}

/** The class of tasks that any engine may run. */
export const ANY_ENGINE = "any";

/**
 * The queue class of a job: which engines may run it, by name. One partition of the queue each, so that
 * a queue full of work for engine 3 costs engine 7 nothing.
 *
 * `any`, `pool:<name>`, or `engines:<id>,<id>…` sorted.
 */
export function queueClass(flags: JobFlags, pools: readonly PoolFacts[]): string {
  const { targets, memoryMb } = flags;
  if (targets === undefined && memoryMb === undefined) return ANY_ENGINE;
  const large = pools.filter((pool) => pool.memoryMb >= (memoryMb ?? 0));
  if (targets === undefined) {
    if (large.length === pools.length) return ANY_ENGINE;
    return large.length === 1 ? `pool:${large[0]?.name}` : `engines:${engineIds(large, pools).join(",")}`;
  }
  if (typeof targets === "string") return `pool:${targets}`;
  return `engines:${[...new Set(targets)].sort((a, b) => a - b).join(",")}`;
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

/** Claims that an engine may run tasks of the class. */
export function isEligible(engine: { id: number; pool: string }, queue: string): boolean {
  if (queue === ANY_ENGINE) return true;
  const colon = queue.indexOf(":");
  const kind = queue.slice(0, colon);
  const names = queue.slice(colon + 1);
  return kind === "pool" ? names === engine.pool : names.split(",").includes(String(engine.id));
}
