import { drawnPlacement } from "./drawn-placement.ts";
import type { PlacementOf, Scheme } from "./scheme.ts";

/** Any engine, uniformly: the definition, which tests hold `placeByPlainrandom` against. */
export const plainrandom: Scheme = (loads, random) => Math.floor(random() * loads.length);

/** `plainrandom` as it runs. */
export const placeByPlainrandom: PlacementOf = (open, limit, random) =>
  drawnPlacement(open, limit, (engines) => Math.floor(random() * engines.length));
