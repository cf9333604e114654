import { Fifo } from "./fifo.ts";
import type { Candidate, PlacementOf, Scheme } from "./scheme.ts";

/**
 * Picks the engine with the fewest outstanding tasks; ties go to the least recently assigned.
 *
 * This is the definition, against which tests check `placeByLeastload`. A user's own scheme falls back to it.
 */
export const leastload: Scheme = (loads) => {
  let best = 0;
  for (let at = 1; at < loads.length; at++) if ((loads[at] ?? 0) < (loads[best] ?? 0)) best = at;
  return best;
};

/**
 * The fast form of `leastload`: one queue per load, each in order of last assignment, because an assigned engine goes
 * to the end.
 */
export const placeByLeastload: PlacementOf = (open, limit) => {
  const queues = new LoadQueues();
  for (const engine of open) queues.enter(engine);
  let left = open.length;
  return {
    hasRoom: () => left > 0,
    place(tasks) {
      const engine = queues.takeLeast();
      if (!engine) return undefined;
      engine.load += tasks;
      if (engine.load < limit) queues.enter(engine);
      else left--;
      return engine;
    },
  };
};

class LoadQueues {
  readonly #queues = new Map<number, Fifo<Candidate>>();
  /** Loads in use, ascending. */
  readonly #loads: number[] = [];

  enter(engine: Candidate): void {
    let queue = this.#queues.get(engine.load);
    if (!queue) {
      queue = new Fifo();
      this.#queues.set(engine.load, queue);
      let at = this.#loads.length;
      while (at > 0 && (this.#loads[at - 1] ?? 0) > engine.load) at--;
      this.#loads.splice(at, 0, engine.load);
    }
    queue.push(engine);
  }

  takeLeast(): Candidate | undefined {
    const least = this.#loads[0];
    const queue = least === undefined ? undefined : this.#queues.get(least);
    const engine = queue?.shift();
    if (!engine || !queue || least === undefined) return undefined;
    if (queue.length === 0) {
      this.#queues.delete(least);
      this.#loads.shift();
    }
    return engine;
  }
}
