import { commonRanges, type IndexRange, mergedRanges, rangesOf, withoutRanges } from "../protocol/index-ranges.ts";

/** Tasks that were missing in a scan of their job and in every scan since. */
export interface MissingSince {
  /** Time of the first scan that missed them, epoch milliseconds. */
  at: number;
  ranges: IndexRange[];
}

/**
 * Maximum number of groups of missing tasks. If there are more, the latest groups are merged into one with the latest
 * of their times.
 */
const MAX_GROUPS = 5;

/**
 * Compares the tasks missing now with those missing in earlier scans. Each group keeps the time at which it was
 * noticed, so that tasks that go missing later do not delay the recall of earlier ones.
 *
 * A task that was attempted since a scan missed it was being claimed then, and is missing for the first time now.
 *
 * @param missing the tasks missing now
 * @param now epoch milliseconds
 * @param attempted when the last outcome that was not final was received, epoch milliseconds, by index
 * @returns groups by time, disjoint; together they are the tasks missing now
 */
export function stillMissing(
  before: readonly MissingSince[],
  missing: readonly IndexRange[],
  now: number,
  attempted: ReadonlyMap<number, number> = new Map(),
): MissingSince[] {
  const groups: MissingSince[] = [];
  let left = [...missing];
  for (const { at, ranges } of before.toSorted((one, other) => one.at - other.at)) {
    const moved = [...attempted].flatMap(([index, received]) => (received >= at ? [index] : []));
    const still = withoutRanges(commonRanges(left, ranges), rangesOf(moved));
    if (still.length > 0) groups.push({ at, ranges: still });
    left = withoutRanges(left, still);
  }
  if (left.length > 0) groups.push({ at: now, ranges: left });
  return groups.length > MAX_GROUPS ? fewer(groups) : groups;
}

function fewer(groups: readonly MissingSince[]): MissingSince[] {
  const last = groups.slice(MAX_GROUPS - 1);
  const at = Math.max(...last.map((group) => group.at));
  return [...groups.slice(0, MAX_GROUPS - 1), { at, ranges: mergedRanges(last.flatMap(({ ranges }) => ranges)) }];
}

/** The tasks that have been missing since `time` or earlier. */
export function missingSince(groups: readonly MissingSince[], time: number): IndexRange[] {
  return mergedRanges(groups.filter(({ at }) => at <= time).flatMap(({ ranges }) => ranges));
}
