import { Fifo } from "./fifo.ts";
import type { PlacementOf, Scheme } from "./scheme.ts";

/** The least recently assigned engine, whatever its load: the definition, which tests hold `placeByLru` against. */
export const lru: Scheme = () => 0;

/** `lru` as it runs: the front of one queue, which is in the order of last assignment. */
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
