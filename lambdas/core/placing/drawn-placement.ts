import type { Candidate, Placement } from "./scheme.ts";

/** An unordered list of engines, with their order of last assignment. */
export interface Drawable {
  length: number;
  /** A number that grows with each assignment: the engine with the smaller number was assigned longer ago. */
  assigned(at: number): number;
}

/** Makes a placement that draws from an unordered list, from which a full engine can be removed in constant time. */
export function drawnPlacement(open: Candidate[], limit: number, draw: (engines: Drawable) => number): Placement {
  const assignments = new Map(open.map(({ id }, at) => [id, at]));
  let clock = open.length;
  const engines: Drawable = {
    get length() {
      return open.length;
    },
    assigned(at) {
      const engine = open[at];
      return engine ? (assignments.get(engine.id) ?? 0) : 0;
    },
  };
  return {
    hasRoom: () => open.length > 0,
    place(tasks) {
      if (open.length === 0) return undefined;
      const at = draw(engines);
      const engine = open[at];
      if (!engine) return undefined;
      engine.load += tasks;
      assignments.set(engine.id, clock++);
      if (engine.load >= limit) removeAt(open, at);
      return engine;
    },
  };
}

function removeAt<T>(list: T[], at: number): void {
  const last = list.pop();
  if (last !== undefined && at < list.length) list[at] = last;
}
