import type { IndexRange } from "./index-ranges.ts";

/** Tasks that were purged, as they are marked in their job's row. */
export function purgedMark([from, to]: IndexRange): string {
  return `${from}-${to}`;
}

/** The ranges that the marks of a job's row name. */
export function purgedRanges(marks: readonly string[] | undefined): IndexRange[] {
  return (marks ?? []).map((mark): IndexRange => {
    const [from, to] = mark.split("-");
    return [Number(from), Number(to)];
  });
}
