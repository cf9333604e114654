import type { SchemeName } from "../../protocol/flags.ts";
import type { Engine } from "../engine.ts";
import type { QueueEntry } from "../queue-entry.ts";
import { placeByLeastload } from "./leastload.ts";
import { placeByLru } from "./lru.ts";
import { placeByOwn } from "./own-scheme.ts";
import { placeByPlainrandom } from "./plainrandom.ts";
import type { Candidate, Placement, PlacementOf, Scheme } from "./scheme.ts";
import { placeByTwobin } from "./twobin.ts";
import { placeByWeighted } from "./weighted.ts";

/**
 * Makes the placement with which `push-work.ts` chooses an engine for each piece of waiting work: of the candidates
 * with room, the one that the scheme picks.
 *
 * An engine that reports is not chosen: it takes the next work itself, by `pull-work.ts`.
 *
 * @param candidates least recently assigned first
 * @param limit maximum number of tasks per engine; `Infinity` without a high-water mark
 * @param scheme a built-in scheme by name, or the user's own function
 */
export function chooseEngine(
  candidates: readonly Candidate[],
  limit: number,
  scheme: SchemeName | Scheme,
  random: () => number,
): Placement {
  const open = candidates.filter(({ load }) => load < limit).map((candidate) => ({ ...candidate }));
  const placementOf = typeof scheme === "function" ? placeByOwn(scheme) : PLACEMENTS[scheme];
  return placementOf(open, limit, random);
}

const PLACEMENTS: Readonly<Record<SchemeName, PlacementOf>> = {
  leastload: placeByLeastload,
  lru: placeByLru,
  plainrandom: placeByPlainrandom,
  twobin: placeByTwobin,
  weighted: placeByWeighted,
};

/**
 * The engines that may get work of the entry: those with room. The engine on which the work has just failed is one of
 * them only if no other has room.
 */
export function candidatesFor(
  entry: QueueEntry,
  eligible: readonly Engine[],
  loads: ReadonlyMap<number, number>,
  limit: number,
): Candidate[] {
  const open: Candidate[] = [];
  for (const { id } of eligible) {
    const load = loads.get(id) ?? 0;
    if (load < limit) open.push({ id, load });
  }
  const others = open.filter(({ id }) => id !== entry.requeued?.avoid);
  return others.length > 0 ? others : open;
}
