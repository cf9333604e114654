import type { SchemeName } from "../protocol/flags.ts";
import { type Scheme, weightOf } from "./schemes.ts";
import { SumTree } from "./sum-tree.ts";

/** An engine as a scheme sees it. */
export interface Candidate {
  id: number;
  /** Outstanding tasks. */
  load: number;
}

/**
 * Engines with room, ready to be drawn from over and over. Gives what the scheme's function would give on
 * `loads` in least-recently-assigned order, without walking all engines for each task: a map over
 * 1,000 engines asks millions of times.
 */
export interface Placement {
  /** Claims that an engine with room is left. */
  hasRoom(): boolean;
  /** Draws an engine and counts `tasks` more on it; `undefined` when none has room. */
  place(tasks: number): Candidate | undefined;
}

/**
 * @param candidates least recently assigned first
 * @param limit how many tasks an engine may have; `Infinity` when there is no mark
 * @param scheme a built-in scheme by name, or the user's own function
 */
export function placement(
  candidates: readonly Candidate[],
  limit: number,
  scheme: SchemeName | Scheme,
  random: () => number,
): Placement {
  const open = candidates.filter(({ load }) => load < limit).map((candidate) => ({ ...candidate }));
  if (typeof scheme === "function") return byFunction(open, limit, scheme, random);
  switch (scheme) {
    case "lru":
      return byQueue(open, limit);
    case "leastload":
      return byLoadQueues(open, limit);
    case "plainrandom":
      return byDraw(open, limit, (order) => Math.floor(random() * order.length));
    case "twobin":
      return byDraw(open, limit, (order, stamps) => {
        const a = Math.floor(random() * order.length);
        const b = Math.floor(random() * order.length);
        return stampAt(order, stamps, b) < stampAt(order, stamps, a) ? b : a;
      });
    case "weighted":
      return byWeight(open, limit, random);
  }
}

/** A queue that gives its front in constant time. */
class Fifo<T> {
  #items: T[];
  #head = 0;
  constructor(items: T[] = []) {
    this.#items = items;
  }
  get length(): number {
    return this.#items.length - this.#head;
  }
  push(item: T): void {
    this.#items.push(item);
  }
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.#head < this.#items.length) this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

/** lru: the front of one queue, which is in the order of last assignment. */
function byQueue(open: Candidate[], limit: number): Placement {
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
}

/** leastload: a queue per load, each in the order of last assignment, since an engine enters at its end when assigned. */
function byLoadQueues(open: Candidate[], limit: number): Placement {
  const queues = new Map<number, Fifo<Candidate>>();
  const heap: number[] = []; // loads in use, ascending
  let left = open.length;
  const enter = (engine: Candidate) => {
    let queue = queues.get(engine.load);
    if (!queue) {
      queue = new Fifo();
      queues.set(engine.load, queue);
      let at = heap.length;
      while (at > 0 && (heap[at - 1] ?? 0) > engine.load) at--;
      heap.splice(at, 0, engine.load);
    }
    queue.push(engine);
  };
  for (const engine of open) enter(engine);
  return {
    hasRoom: () => left > 0,
    place(tasks) {
      const least = heap[0];
      const queue = least === undefined ? undefined : queues.get(least);
      const engine = queue?.shift();
      if (!engine || !queue || least === undefined) return undefined;
      if (queue.length === 0) {
        queues.delete(least);
        heap.shift();
      }
      engine.load += tasks;
      if (engine.load < limit) enter(engine);
      else left--;
      return engine;
    },
  };
}

function stampAt(order: readonly Candidate[], stamps: ReadonlyMap<number, number>, at: number): number {
  const engine = order[at];
  return engine ? (stamps.get(engine.id) ?? 0) : 0;
}

/** plainrandom and twobin: draws from an unordered list; a stamp tells who was assigned longer ago. */
function byDraw(
  open: Candidate[],
  limit: number,
  drawn: (order: readonly Candidate[], stamps: ReadonlyMap<number, number>) => number,
): Placement {
  const stamps = new Map(open.map(({ id }, at) => [id, at]));
  let clock = open.length;
  return {
    hasRoom: () => open.length > 0,
    place(tasks) {
      if (open.length === 0) return undefined;
      const at = drawn(open, stamps);
      const engine = open[at];
      if (!engine) return undefined;
      engine.load += tasks;
      stamps.set(engine.id, clock++);
      if (engine.load >= limit) removeAt(open, at);
      return engine;
    },
  };
}

function removeAt<T>(list: T[], at: number): T | undefined {
  const item = list[at];
  const last = list.pop();
  if (last !== undefined && at < list.length) list[at] = last;
  return item;
}

/** weighted: draws by a tree of the weights; an engine without room weighs nothing. */
function byWeight(open: Candidate[], limit: number, random: () => number): Placement {
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
}

/** A user's own scheme, which sees all loads in order. An index out of range, or a throw, falls back to `leastload`. */
function byFunction(open: Candidate[], limit: number, scheme: Scheme, random: () => number): Placement {
  return {
    hasRoom: () => open.length > 0,
    place(tasks) {
      if (open.length === 0) return undefined;
      const loads = open.map(({ load }) => load);
      let at = -1;
      try {
        at = scheme(loads, random);
      } catch {
        at = -1;
      }
      if (!Number.isInteger(at) || at < 0 || at >= open.length) at = loads.indexOf(Math.min(...loads));
      const [engine] = open.splice(at, 1);
      if (!engine) return undefined;
      engine.load += tasks;
      if (engine.load < limit) open.push(engine);
      return engine;
    },
  };
}
