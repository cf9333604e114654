import { type IndexRange, mergedRanges, withoutRanges } from "../protocol/index-ranges.ts";
import { BUCKET_TASKS } from "../protocol/spec-page.ts";
import { isRecallText } from "./recall.ts";

/**
 * Abort ranges of a job, as stored in its row. `ahead` ranges were wholly ahead of the cursor when they were written,
 * so no engine holds their tasks. Any scheduler may write their outcomes, because all write the same pages under the
 * same keys. `held` ranges were behind the cursor, or of tasks that wait for others: only the engine that holds a task
 * of such a range, or the scheduler that claimed or released the task, may end it.
 */
export interface AbortRanges {
  ahead: IndexRange[];
  held: IndexRange[];
}

/**
 * Parses the abort ranges in a row. Ranges are only ever appended, and an `ahead` range counts only for tasks that no
 * earlier range names, so all readers cut the ranges in the same places and each task lies in exactly one piece.
 */
export function parseAbortRanges(texts: readonly string[] | undefined): AbortRanges {
  const parsed: AbortRanges = { ahead: [], held: [] };
  for (const text of texts ?? []) {
    if (isRecallText(text)) continue;
    const held = text.startsWith("x");
    const [from, to] = text
      .slice(held ? 1 : 0)
      .split("-")
      .map(Number);
    if (from === undefined || to === undefined) continue;
    if (held) parsed.held.push([from, to]);
    else parsed.ahead.push(...withoutRanges([[from, to]], mergedRanges(parsed.ahead)));
  }
  return { ahead: parsed.ahead, held: mergedRanges(parsed.held) };
}

/** Formats an `ahead` range for the job's row. */
export function aheadRange([from, to]: IndexRange): string {
  return `${from}-${to}`;
}

/** Formats a `held` range for the job's row. */
export function heldRange([from, to]: IndexRange): string {
  return `x${from}-${to}`;
}

/** Cuts an `ahead` range at bucket boundaries, into one range per outcome page. */
export function abortSlices([from, to]: IndexRange): IndexRange[] {
  const slices: IndexRange[] = [];
  for (let at = from; at < to; ) {
    const end = Math.min(to, (Math.floor(at / BUCKET_TASKS) + 1) * BUCKET_TASKS);
    slices.push([at, end]);
    at = end;
  }
  return slices;
}

/** Splits ranges at the cursor into the parts ahead of it and the parts behind it. */
export function splitAtCursor(ranges: readonly IndexRange[], cursor: number): AbortRanges {
  const split: AbortRanges = { ahead: [], held: [] };
  for (const [from, to] of ranges) {
    if (from < Math.min(to, cursor)) split.held.push([from, Math.min(to, cursor)]);
    if (Math.max(from, cursor) < to) split.ahead.push([Math.max(from, cursor), to]);
  }
  return split;
}
