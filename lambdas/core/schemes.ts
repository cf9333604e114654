import type { SchemeName } from "../protocol/flags.ts";

/**
 * Chooses the engine for the next task.
 *
 * @param loads outstanding tasks per engine with room, least recently assigned first
 * @param random uniform in [0, 1)
 * @returns an index into `loads`
 */
export type Scheme = (loads: readonly number[], random: () => number) => number;

const draw = (n: number, random: () => number): number => Math.floor(random() * n);

/** The engine with the fewest outstanding tasks; among equals the least recently assigned. */
export const leastload: Scheme = (loads) => {
  let best = 0;
  for (let at = 1; at < loads.length; at++) if ((loads[at] ?? 0) < (loads[best] ?? 0)) best = at;
  return best;
};

/** The least recently assigned engine, whatever its load. */
export const lru: Scheme = () => 0;

/** Any engine, uniformly. */
export const plainrandom: Scheme = (loads, random) => draw(loads.length, random);

/**
 * Draws two engines at random (the same one, perhaps) and keeps the one idle for longer.
 *
 * Two draws avoid the busiest engine almost always, without every scheduler racing for the
 * least recently used one.
 */
export const twobin: Scheme = (loads, random) => Math.min(draw(loads.length, random), draw(loads.length, random));

/** What an engine weighs in a weighted draw: an idle one about a million times one with a task. */
export function weightOf(load: number): number {
  return 1 / (1e-6 + load);
}

/** Draws two engines with probability by inverse load, and keeps the less loaded; a tie goes to the first draw. */
export const weighted: Scheme = (loads, random) => {
  const sums: number[] = [];
  let total = 0;
  for (const load of loads) {
    total += weightOf(load);
    sums.push(total);
  }
  const drawWeighted = () => {
    const point = random() * total;
    const at = sums.findIndex((sum) => sum > point);
    return at < 0 ? loads.length - 1 : at;
  };
  const first = drawWeighted();
  const second = drawWeighted();
  return weightOf(loads[second] ?? 0) > weightOf(loads[first] ?? 0) ? second : first;
};

/** The built-in schemes by name; `leastload` is the default. */
export const SCHEMES: Readonly<Record<SchemeName, Scheme>> = { leastload, lru, plainrandom, twobin, weighted };
