import { Fifo } from "./fifo.ts";
import type { PlacementOf, Scheme } from "./scheme.ts";

/**
 * Picks the least recently assigned engine, whatever its load. This is the definition, against which tests check
 * `placeByLru`.
 */
export const lru: Scheme = () => 0;

/** The fast form of `lru`: takes the front of a single queue, in order of last assignment. */
export const placeByLru: PlacementOf = (open, limit) => {
  const queue = new Fifo(open);
  return {
    hasRoom: () => queue.length > 0,
    place(tasks) {
      const engine = queue.shift();
      if (!engine) return undefined;
      engine.load += tasks;
      if (engine.load < limit) queue.push(engine);
      return engine;
    },
  };
};
