import { drawnPlacement } from "./drawn-placement.ts";
import type { PlacementOf, Scheme } from "./scheme.ts";

/**
 * Draws two engines at random (possibly the same one twice) and keeps the one assigned longer ago.
 *
 * Two draws almost always avoid the engine assigned last, and schedulers that place at the same time do not all pick
 * the engine assigned longest ago. This is the definition, against which tests check `placeByTwobin`.
 */
export const twobin: Scheme = (loads, random) =>
  Math.min(Math.floor(random() * loads.length), Math.floor(random() * loads.length));

/** The fast form of `twobin`: draws from an unordered list and compares when each engine was last assigned. */
export const placeByTwobin: PlacementOf = (open, limit, random) =>
  drawnPlacement(open, limit, (engines) => {
    const first = Math.floor(random() * engines.length);
    const second = Math.floor(random() * engines.length);
    return engines.assigned(second) < engines.assigned(first) ? second : first;
  });
