import { leastload } from "./leastload.ts";
import type { PlacementOf, Scheme } from "./scheme.ts";

/**
 * Places with a user's own scheme, which sees the loads of all engines with room, least recently assigned first. Falls
 * back to `leastload` if the scheme throws or returns an index out of range.
 */
export function placeByOwn(scheme: Scheme): PlacementOf {
  return (open, limit, random) => ({
    hasRoom: () => open.length > 0,
    place(tasks) {
      if (open.length === 0) return undefined;
      const loads = open.map(({ load }) => load);
      const [engine] = open.splice(chosen(scheme, loads, random), 1);
      if (!engine) return undefined;
      engine.load += tasks;
      if (engine.load < limit) open.push(engine);
      return engine;
    },
  });
}

function chosen(scheme: Scheme, loads: number[], random: () => number): number {
  try {
    const at = scheme([...loads], random);
    if (Number.isInteger(at) && at >= 0 && at < loads.length) return at;
  } catch {
    // A scheme that throws is treated like one that returns an index out of range.
  }
  return leastload(loads, random);
}
