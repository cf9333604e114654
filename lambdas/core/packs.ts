import type { IndexRange } from "../protocol/index-ranges.ts";

/**
 * Size at which a pack is closed, in bytes. Each value in it is smaller, so a pack is less than twice as large: some
 * sixty values of 100 KB for one request, and few enough bytes to be stored while the next tasks run.
 */
export const PACK_BYTES = 6 * 1024 * 1024;

/**
 * Cuts values, in order, into those that share a pack. A value that fills a pack, or is left over, is alone.
 *
 * @param sizes bytes of each value
 * @returns the positions of the values, by object
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

/** How far neighbours are read by one request. */
export interface PartLimits {
  /** Maximum size of a part of an object, in bytes, unless one value is larger. */
  partBytes: number;
  /** Maximum number of bytes between two values that are read in vain rather than by another request. */
  gapBytes: number;
}

/**
 * Merges ranges of one object into those to request.
 *
 * @param ranges those of values: equal or apart
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
