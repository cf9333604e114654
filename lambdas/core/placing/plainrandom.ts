import { drawnPlacement } from "./drawn-placement.ts";
import type { PlacementOf, Scheme } from "./scheme.ts";

/** Picks any engine, uniformly at random. This is the definition, against which tests check `placeByPlainrandom`. */
export const plainrandom: Scheme = (loads, random) => Math.floor(random() * loads.length);

/** The fast form of `plainrandom`. */
export const placeByPlainrandom: PlacementOf = (open, limit, random) =>
  drawnPlacement(open, limit, (engines) => Math.floor(random() * engines.length));
