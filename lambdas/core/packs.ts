import type { IndexRange } from "../protocol/index-ranges.ts";

/**
 * Size in bytes at which a pack is closed. A value of at least this size is an object of its own, so a pack is less
 * than twice this size. Such a pack puts some sixty values of 100 KB into one request, and is small enough to be stored
 * while the next tasks run.
 */
export const PACK_BYTES = 6 * 1024 * 1024;

/**
 * Groups values, in order, into packs. A value of at least `PACK_BYTES` is alone in its group. The values left over at
 * the end share a smaller pack.
 *
 * @param sizes bytes of each value
 * @returns for each object, the positions of its values
 */
export function cutIntoPacks(sizes: readonly number[]): number[][] {
  const packs: number[][] = [];
  let open: number[] = [];
  let bytes = 0;
  for (const [position, size] of sizes.entries()) {
    if (size >= PACK_BYTES) {
      packs.push([position]);
      continue;
    }
    open.push(position);
    bytes += size;
    if (bytes < PACK_BYTES) continue;
    packs.push(open);
    open = [];
    bytes = 0;
  }
  return open.length > 0 ? [...packs, open] : packs;
}

/** Limits for reading neighboring values by one request. */
export interface PartLimits {
  /** Maximum size of one read, in bytes, unless a single value is larger. */
  partBytes: number;
  /**
   * Maximum gap between two values of one read, in bytes. Up to this size, reading the gap costs less than another
   * request.
   */
  gapBytes: number;
}

/**
 * Merges ranges of one object into fewer ranges to request.
 *
 * @param ranges the values' ranges; any two are equal or disjoint
 * @returns sorted; each of `ranges` is within exactly one of them
 */
export function rangesToRead(ranges: readonly IndexRange[], { partBytes, gapBytes }: PartLimits): IndexRange[] {
  const merged: [from: number, to: number][] = [];
  for (const [from, to] of [...ranges].sort(([a, b], [c, d]) => a - c || b - d)) {
    const last = merged.at(-1);
    const isInside = last && to <= last[1];
    const joins = last && from <= last[1] + gapBytes && to - last[0] <= partBytes;
    if (isInside || joins) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
