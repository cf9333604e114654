import type { PlacementOf, Scheme } from "./scheme.ts";
import { SumTree } from "./sum-tree.ts";

/** An engine's weight in a draw. An idle engine weighs about a million times as much as an engine with one task. */
export function weightOf(load: number): number {
  return 1 / (1e-6 + load);
}

/**
 * Draws two engines with probability proportional to inverse load and keeps the less loaded; a tie goes to the first.
 * This is the definition, against which tests check `placeByWeighted`.
 */
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

/** The fast form of `weighted`: draws from a tree of weights, in which a full engine weighs 0. */
export const placeByWeighted: PlacementOf = (open, limit, random) => {
  const tree = new SumTree(open.map(({ load }) => weightOf(load)));
  let left = open.length;
  return {
    hasRoom: () => left > 0,
    place(tasks) {
      if (left === 0) return undefined;
      const first = tree.draw(random());
      const second = tree.draw(random());
      const at = tree.weight(second) > tree.weight(first) ? second : first;
      const engine = open[at];
      if (!engine) return undefined;
      engine.load += tasks;
      if (engine.load >= limit) left--;
      tree.set(at, engine.load < limit ? weightOf(engine.load) : 0);
      return engine;
    },
  };
};
