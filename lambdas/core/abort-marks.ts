import { type IndexRange, mergedRanges, withoutRanges } from "../protocol/index-ranges.ts";
import { BUCKET_TASKS } from "../protocol/spec-page.ts";
import { isRecallMark } from "./recall.ts";

/**
 * Aborts as they stand on a job's row. `ahead` ranges lay wholly ahead of the cursor when they were written, so
 * nobody holds their tasks and anyone may write their outcome: it has one key and one content. `held`
 * ranges were behind it: only who claims one of them again, or holds it, ends it.
 */
export interface AbortMarks {
  ahead: IndexRange[];
  held: IndexRange[];
}

/**
 * Reads the marks of a row. Marks are only ever appended, so an `ahead` mark counts for what no mark before it
 * named, and all who read the row cut the ranges in the same places: each task lies in one piece.
 */
export function parseAbortMarks(marks: readonly string[] | undefined): AbortMarks {
  const parsed: AbortMarks = { ahead: [], held: [] };
  for (const mark of marks ?? []) {
    if (isRecallMark(mark)) continue;
    const held = mark.startsWith("x");
    const [from, to] = mark
      .slice(held ? 1 : 0)
      .split("-")
      .map(Number);
    if (from === undefined || to === undefined) continue;
    if (held) parsed.held.push([from, to]);
    else parsed.ahead.push(...withoutRanges([[from, to]], mergedRanges(parsed.ahead)));
  }
  return { ahead: parsed.ahead, held: mergedRanges(parsed.held) };
}

export function aheadMark([from, to]: IndexRange): string {
  return `${from}-${to}`;
}

export function heldMark([from, to]: IndexRange): string {
  return `x${from}-${to}`;
}

/** The outcome pages of an `ahead` range: cut at the buckets' ends. */
export function abortSlices([from, to]: IndexRange): IndexRange[] {
  const slices: IndexRange[] = [];
  for (let at = from; at < to; ) {
    const end = Math.min(to, (Math.floor(at / BUCKET_TASKS) + 1) * BUCKET_TASKS);
    slices.push([at, end]);
    at = end;
  }
  return slices;
}

/** Splits ranges at the cursor: what lies ahead of it, and what lies behind. */
export function splitAtCursor(ranges: readonly IndexRange[], cursor: number): AbortMarks {
  const split: AbortMarks = { ahead: [], held: [] };
  for (const [from, to] of ranges) {
    if (from < Math.min(to, cursor)) split.held.push([from, Math.min(to, cursor)]);
    if (Math.max(from, cursor) < to) split.ahead.push([Math.max(from, cursor), to]);
  }
  return split;
}
