import {
  countIndexes,
  holdsIndex,
  type IndexRange,
  indexesOf,
  mergedRanges,
  rangesOf,
  withoutRanges,
} from "../protocol/index-ranges.ts";
import { ANY_ENGINE, type EngineFacts, eligibility, isEligible, type PoolFacts } from "./queue-name.ts";

/** A pool as deployed. */
export interface DeployedPool extends PoolFacts {
  /** Number of engines that the pool starts with. */
  count: number;
}

/** A pool with its current engines. */
interface RosterPool extends DeployedPool {
  /** Ids of the pool's engines. An id belongs to one pool at most; once it is removed, another pool may take it. */
  ids: readonly IndexRange[];
}

/** All engines of a cluster, by pool. */
export type Roster = readonly RosterPool[];

/**
 * A roster as stored: for each pool, its engine ids and the count with which it was deployed when the row was written.
 */
export type RosterAtRest = Record<string, { ids: [from: number, to: number][]; deployed: number }>;

/**
 * The current roster: the stored ids. A pool that is new, or was deployed with a different count since, is scaled to
 * its deployed count. Without a stored roster, engines are numbered pool by pool.
 */
export function rosterOf(pools: readonly DeployedPool[], rest: RosterAtRest = {}): Roster {
  const known = pools.map((pool): RosterPool => ({ ...pool, ids: rest[pool.name]?.ids ?? [] }));
  return known.reduce<Roster>(
    (roster, { name, count }) => (rest[name]?.deployed === count ? roster : scaled(roster, name, count)),
    known,
  );
}

/** Converts a roster to its stored form. */
export function rosterAtRest(roster: Roster): RosterAtRest {
  return Object.fromEntries(
    roster.map(({ name, count, ids }) => [name, { ids: ids.map(([from, to]) => [from, to]), deployed: count }]),
  );
}

/**
 * The roster with one pool scaled to `count` engines. Scaling up takes the lowest free ids; scaling down removes the
 * highest.
 */
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

/** The roster without the given engines. */
export function drained(roster: Roster, ids: readonly number[]): Roster {
  const gone = rangesOf(ids);
  return roster.map((pool) => ({ ...pool, ids: withoutRanges(pool.ids, gone) }));
}

/** All engines of the roster, by pool. */
export function* enginesOf(roster: Roster): Generator<EngineFacts> {
  for (const { name, ids } of roster) for (const id of indexesOf(ids)) yield { id, pool: name };
}

/** Whether the engine is on the roster. */
export function isOnRoster(roster: Roster, { id, pool }: EngineFacts): boolean {
  return roster.some(({ name, ids }) => name === pool && holdsIndex(ids, id));
}

/** The engine's position in its pool: how many engines of the pool have a lower id. */
export function placeInPool(roster: Roster, { id, pool }: EngineFacts): number {
  const ids = roster.find(({ name }) => name === pool)?.ids ?? [];
  return countIndexes(ids.filter(([from]) => from < id).map(([from, to]) => [from, Math.min(to, id)]));
}

/** Number of engines that may run tasks of the queue. */
export function eligibleCount(queue: string, roster: Roster): number {
  if (queue === ANY_ENGINE) return roster.reduce((sum, { ids }) => sum + countIndexes(ids), 0);
  const isOne = eligibility(queue);
  let count = 0;
  for (const engine of enginesOf(roster)) if (isOne(engine)) count++;
  return count;
}

/** Whether any engine may run tasks of the queue. */
export function hasEligible(queue: string, roster: Roster): boolean {
  for (const engine of enginesOf(roster)) if (isEligible(engine, queue)) return true;
  return false;
}

/** Whether any engine of another pool may run tasks of the queue. */
export function hasEligibleBeside(pool: string, queue: string, roster: Roster): boolean {
  for (const engine of enginesOf(roster)) if (engine.pool !== pool && isEligible(engine, queue)) return true;
  return false;
}

/**
 * The smallest pool that has more memory than `pool` and an engine that may run tasks of the queue; `undefined` if
 * there is none.
 */
export function nextLargerPool(queue: (pool: string) => string, pool: string, roster: Roster): string | undefined {
  const memoryMb = roster.find(({ name }) => name === pool)?.memoryMb ?? Number.POSITIVE_INFINITY;
  const larger = roster.filter((one) => one.memoryMb > memoryMb).toSorted((a, b) => a.memoryMb - b.memoryMb);
  return larger.find(({ name }) => hasEligible(queue(name), roster))?.name;
}
