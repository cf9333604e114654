import type { IndexRange } from "./index-ranges.ts";

/** Formats a purged range for the job's row. */
export function purgedRange([from, to]: IndexRange): string {
  return `${from}-${to}`;
}

/** Parses the purged ranges in a job's row. */
export function purgedRanges(marks: readonly string[] | undefined): IndexRange[] {
  return (marks ?? []).map((mark): IndexRange => {
    const [from, to] = mark.split("-");
    return [Number(from), Number(to)];
  });
}
