import type { SchemeName } from "../../protocol/flags.ts";
import { placeByLeastload } from "./leastload.ts";
import { placeByLru } from "./lru.ts";
import { placeByOwn } from "./own-scheme.ts";
import { placeByPlainrandom } from "./plainrandom.ts";
import type { Candidate, Placement, PlacementOf, Scheme } from "./scheme.ts";
import { placeByTwobin } from "./twobin.ts";
import { placeByWeighted } from "./weighted.ts";

const PLACEMENTS: Readonly<Record<SchemeName, PlacementOf>> = {
  leastload: placeByLeastload,
  lru: placeByLru,
  plainrandom: placeByPlainrandom,
  twobin: placeByTwobin,
  weighted: placeByWeighted,
};

/**
 * Selects the engines with room, for a scheme to draw from.
 *
 * @param candidates least recently assigned first
 * @param limit maximum number of tasks per engine; `Infinity` without a high-water mark
 * @param scheme a built-in scheme by name, or the user's own function
 */
export function placement(
  candidates: readonly Candidate[],
  limit: number,
  scheme: SchemeName | Scheme,
  random: () => number,
): Placement {
  const open = candidates.filter(({ load }) => load < limit).map((candidate) => ({ ...candidate }));
  const placementOf = typeof scheme === "function" ? placeByOwn(scheme) : PLACEMENTS[scheme];
  return placementOf(open, limit, random);
}
