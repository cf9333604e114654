import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import { pastItem } from "./chunk-sizes.ts";

/** A part of a result, with the index of its first item in the result. */
export interface PlacedPart {
  part: ResultPart;
  start: number;
}

/** Places the parts of a result, in their order. */
export function placedParts(parts: readonly ResultPart[]): PlacedPart[] {
  let start = 0;
  return parts.map((part) => {
    const placed = { part, start };
    start += pastItem(part, part.to) - pastItem(part, part.from);
    return placed;
  });
}

/** Groups the placed parts of a result by job, because a result may have as many parts as items. */
export function placedByJob(parts: readonly ResultPart[]): ReadonlyMap<JobOutcomes, readonly PlacedPart[]> {
  const byJob = new Map<JobOutcomes, PlacedPart[]>();
  for (const placed of placedParts(parts)) {
    const ofJob = byJob.get(placed.part.outcomes);
    if (ofJob) ofJob.push(placed);
    else byJob.set(placed.part.outcomes, [placed]);
  }
  return byJob;
}

/** Index in the result of the first item of a part's task. */
export function indexIn({ part, start }: PlacedPart, task: number): number {
  return start + pastItem(part, task) - pastItem(part, part.from);
}
