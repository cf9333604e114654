/** A range of task indexes, `to` exclusive. */
export type IndexRange = readonly [from: number, to: number];

/** Counts the indexes in ranges that do not overlap. */
export function countIndexes(ranges: readonly IndexRange[]): number {
  let count = 0;
  for (const [from, to] of ranges) count += to - from;
  return count;
}

/** The shortest list of ranges that contains exactly these indexes. */
export function rangesOf(indexes: Iterable<number>): IndexRange[] {
  const sorted = [...indexes].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const index of sorted) {
    const last = ranges.at(-1);
    if (last && index <= last[1]) last[1] = Math.max(last[1], index + 1);
    else ranges.push([index, index + 1]);
  }
  return ranges;
}

/** Returns the same indexes as sorted ranges that neither overlap nor touch. */
export function mergedRanges(ranges: readonly IndexRange[]): IndexRange[] {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (from >= to) continue;
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** Each index of the ranges, in order. */
export function* indexesOf(ranges: readonly IndexRange[]): Generator<number> {
  for (const [from, to] of ranges) for (let index = from; index < to; index++) yield index;
}

/** Whether one of the ranges contains `index`. */
export function holdsIndex(ranges: readonly IndexRange[], index: number): boolean {
  return ranges.some(([from, to]) => index >= from && index < to);
}

/** The indexes in `ranges` but not in `taken`. Each list must be sorted and free of overlaps. */
export function withoutRanges(ranges: readonly IndexRange[], taken: readonly IndexRange[]): IndexRange[] {
  const left: IndexRange[] = [];
  for (const [from, to] of ranges) {
    let at = from;
    for (const [cutFrom, cutTo] of taken) {
      if (cutTo <= at || cutFrom >= to) continue;
      if (cutFrom > at) left.push([at, cutFrom]);
      at = Math.max(at, cutTo);
    }
    if (at < to) left.push([at, to]);
  }
  return left;
}

/** The intersection of two lists of ranges. */
export function commonRanges(a: readonly IndexRange[], b: readonly IndexRange[]): IndexRange[] {
  const both: IndexRange[] = [];
  for (const [from, to] of a)
    for (const [otherFrom, otherTo] of b) {
      const start = Math.max(from, otherFrom);
      const end = Math.min(to, otherTo);
      if (start < end) both.push([start, end]);
    }
  return both.sort((x, y) => x[0] - y[0]);
}

/** Formats ids as ranges with both ends inclusive, as in `0-3,7`. */
export function idsText(ranges: readonly IndexRange[]): string {
  return ranges.map(([from, to]) => (to - from === 1 ? String(from) : `${from}-${to - 1}`)).join(",");
}
