import {
  countIndexes,
  holdsIndex,
  type IndexRange,
  indexesOf,
  mergedRanges,
  rangesOf,
  withoutRanges,
} from "../protocol/index-ranges.ts";
import { ANY_ENGINE, type EngineFacts, eligibility, isEligible, type PoolFacts } from "./queue-class.ts";

/** A pool as it was deployed. */
export interface DeployedPool extends PoolFacts {
  /** Engines that it begins with. */
  count: number;
}

/** A pool as it is now. */
interface RosterPool extends DeployedPool {
  /** Ids of its engines. An id is of one pool, and never shifts. */
  ids: readonly IndexRange[];
}

/** Which engines there are. */
export type Roster = readonly RosterPool[];

/** What rests of a roster: the ids of each pool, and the count that it was deployed with then. */
export type RosterAtRest = Record<string, { ids: [from: number, to: number][]; deployed: number }>;

/**
 * The engines of a cluster: those of the roster at rest and, for pools that it does not know or that were deployed with another count
 * since, as many as were deployed. Without one, the pools are numbered in order.
 */
export function rosterOf(pools: readonly DeployedPool[], rest: RosterAtRest = {}): Roster {
  const known = pools.map((pool): RosterPool => ({ ...pool, ids: rest[pool.name]?.ids ?? [] }));
  return known.reduce<Roster>(
    (roster, { name, count }) => (rest[name]?.deployed === count ? roster : scaled(roster, name, count)),
    known,
  );
}

export function rosterAtRest(roster: Roster): RosterAtRest {
  return Object.fromEntries(
    roster.map(({ name, count, ids }) => [name, { ids: ids.map(([from, to]) => [from, to]), deployed: count }]),
  );
}

/** The roster with `count` engines in a pool: more take the lowest free ids, fewer leave out the highest. */
export function scaled(roster: Roster, pool: string, count: number): Roster {
  return roster.map((one) => {
    if (one.name !== pool) return one;
    const missing = count - countIndexes(one.ids);
    if (missing <= 0) return { ...one, ids: rangesOf([...indexesOf(one.ids)].slice(0, count)) };
    return { ...one, ids: mergedRanges([...one.ids, ...freeIds(roster, missing)]) };
  });
}

function freeIds(roster: Roster, count: number): IndexRange[] {
  const taken = mergedRanges(roster.flatMap(({ ids }) => ids));
  const past = taken.at(-1)?.[1] ?? 0;
  const free = withoutRanges([[0, past + count]], taken);
  return rangesOf([...indexesOf(free)].slice(0, count));
}

/** The roster without some engines. */
export function drained(roster: Roster, ids: readonly number[]): Roster {
  const gone = rangesOf(ids);
  return roster.map((pool) => ({ ...pool, ids: withoutRanges(pool.ids, gone) }));
}

/** All engines of the roster, by pool. */
export function* enginesOf(roster: Roster): Generator<EngineFacts> {
  for (const { name, ids } of roster) for (const id of indexesOf(ids)) yield { id, pool: name };
}

/** Claims that the engine is one of the roster's. */
export function isOnRoster(roster: Roster, { id, pool }: EngineFacts): boolean {
  return roster.some(({ name, ids }) => name === pool && holdsIndex(ids, id));
}

/** How many engines of its pool have a lower id. */
export function placeInPool(roster: Roster, { id, pool }: EngineFacts): number {
  const ids = roster.find(({ name }) => name === pool)?.ids ?? [];
  return countIndexes(ids.filter(([from]) => from < id).map(([from, to]) => [from, Math.min(to, id)]));
}

/** How many engines may run tasks of the class. */
export function eligibleCount(queue: string, roster: Roster): number {
  if (queue === ANY_ENGINE) return roster.reduce((sum, { ids }) => sum + countIndexes(ids), 0);
  const isOne = eligibility(queue);
  let count = 0;
  for (const engine of enginesOf(roster)) if (isOne(engine)) count++;
  return count;
}

/** Claims that some engine may run tasks of the class. */
export function hasEligible(queue: string, roster: Roster): boolean {
  for (const engine of enginesOf(roster)) if (isEligible(engine, queue)) return true;
  return false;
}

/** Whether some engine of another pool may run tasks of the class. */
export function hasEligibleBeside(pool: string, queue: string, roster: Roster): boolean {
  for (const engine of enginesOf(roster)) if (engine.pool !== pool && isEligible(engine, queue)) return true;
  return false;
}

/** The smallest pool with more memory than `pool` in which some engine may run tasks of the class; `undefined` when there is none. */
export function nextLargerPool(queue: (pool: string) => string, pool: string, roster: Roster): string | undefined {
  const memoryMb = roster.find(({ name }) => name === pool)?.memoryMb ?? Number.POSITIVE_INFINITY;
  const larger = roster.filter((one) => one.memoryMb > memoryMb).toSorted((a, b) => a.memoryMb - b.memoryMb);
  return larger.find(({ name }) => hasEligible(queue(name), roster))?.name;
}
