import { drawnPlacement } from "./drawn-placement.ts";
import type { PlacementOf, Scheme } from "./scheme.ts";

/**
 * Draws two engines at random (the same one, perhaps) and keeps the one idle for longer.
 *
 * Two draws avoid the busiest engine almost always, without every scheduler racing for the
 * least recently used one. The definition, which tests hold `placeByTwobin` against.
 */
export const twobin: Scheme = (loads, random) =>
  Math.min(Math.floor(random() * loads.length), Math.floor(random() * loads.length));

/** `twobin` as it runs: in a list without order, the one that was assigned longer ago. */
export const placeByTwobin: PlacementOf = (open, limit, random) =>
  drawnPlacement(open, limit, (engines) => {
    const first = Math.floor(random() * engines.length);
    const second = Math.floor(random() * engines.length);
    return engines.assigned(second) < engines.assigned(first) ? second : first;
  });
