import { seededUniform } from "../client/local/latency/seeded-uniform.ts";

/** Deterministic workloads, identical for every system measured. */

/**
 * Returns 400 sleeps in whole milliseconds: heavy-tailed (Pareto, α = 1.1, capped at 100 times the minimum), 40,000 ms
 * in total.
 */
export function heavyTailedSleeps(): number[] {
  const random = seededUniform(20240401);
  const raw = Array.from({ length: 400 }, () => Math.min(100, (1 - random()) ** (-1 / 1.1)));
  const sum = raw.reduce((total, value) => total + value, 0);
  const sleeps = raw.map((value) => Math.max(1, Math.round((value * 40000) / sum)));
  const longest = sleeps.indexOf(Math.max(...sleeps));
  const total = sleeps.reduce((so, ms) => so + ms, 0);
  sleeps[longest] = (sleeps[longest] ?? 0) + 40000 - total;
  return sleeps;
}

/**
 * Returns how long greedy list scheduling without overhead takes: each task, in order, goes to the first free engine.
 */
export function greedyBound(durations: readonly number[], engines: number): number {
  const free = new Array<number>(engines).fill(0);
  for (const duration of durations) {
    const first = free.indexOf(Math.min(...free));
    free[first] = (free[first] ?? 0) + duration;
  }
  return Math.max(...free);
}

/**
 * Returns a graph of 20 layers of 50 nodes. Each node below the first layer depends on one to three others: with
 * probability 0.8 on one in the layer above, else on one in any layer above.
 *
 * @returns the parents of each node, all of which come before the node
 */
export function layeredGraph(): number[][] {
  const [layers, width] = [20, 50];
  const random = seededUniform(777);
  const parents: number[][] = Array.from({ length: width }, () => []);
  for (let node = width; node < layers * width; node++) {
    const above = node - (node % width);
    const drawn = new Set<number>();
    for (let draws = 1 + Math.floor(random() * 3); draws > 0; draws--) {
      const isNear = random() < 0.8;
      drawn.add(isNear ? above - width + Math.floor(random() * width) : Math.floor(random() * above));
    }
    parents.push([...drawn].sort((a, b) => a - b));
  }
  return parents;
}
