import type { IndexRange } from "./index-ranges.ts";

/** Formats a purged range for the job's row. */
export function purgedRange([from, to]: IndexRange): string {
  return `${from}-${to}`;
}

/** Parses the purged ranges in a job's row. */
export function purgedRanges(texts: readonly string[] | undefined): IndexRange[] {
  return (texts ?? []).map((text): IndexRange => {
    const [from, to] = text.split("-");
    return [Number(from), Number(to)];
  });
}
