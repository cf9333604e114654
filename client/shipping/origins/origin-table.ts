import type { Segment } from "../../../lambdas/protocol/source-mappings.ts";
import { encodeMappings } from "../../../lambdas/protocol/source-mappings.ts";
import type { UnitOrigins } from "../../../lambdas/protocol/unit-origins.ts";
import type { FunctionLocation } from "../inspector/function-location.ts";
import type { FunctionSource } from "../source/function-source.ts";
import { linesOf } from "../source/text-lines.ts";
import { scriptOrigin } from "./script-origin.ts";

/** A function's text in a unit's body. */
export interface PlacedText {
  source: FunctionSource;
  /** Place of the function according to V8. */
  location: FunctionLocation;
  /** Replacements in the source, in order. */
  edits: readonly { start: number; end: number; code: string }[];
  /** Offset of the text in the body. */
  start: number;
  length: number;
}

/**
 * A piece of text that is the same in the function and in the unit: `from` and `to` in the function's text, `at` in the
 * body.
 */
interface Stretch {
  from: number;
  to: number;
  at: number;
}

/**
 * Returns the table that maps a unit to the user's files; undefined if no file is known.
 *
 * @param skip number of lines of the unit before the body
 */
export function unitOrigins(body: string, skip: number, texts: readonly PlacedText[]): UnitOrigins | undefined {
  const sources: UnitOrigins["sources"] = [];
  const sourceAt = (file: string, isVerbatim: boolean): number => {
    const known = sources.findIndex(([name, verbatim]) => name === file && verbatim === Number(isVerbatim));
    return known < 0 ? sources.push([file, isVerbatim ? 1 : 0]) - 1 : known;
  };
  const toBody = linesOf(body);
  const lines: Segment[][] = toBody.starts.map(() => []);
  const put = (offset: number, origin: readonly [number, number, number] | []): void => {
    const [line, column] = toBody.position(offset);
    lines[line]?.push(origin.length === 0 ? [column] : [column, ...origin]);
  };
  for (const text of texts) {
    const origin = scriptOrigin(text.location, text.source);
    if (!origin) continue;
    for (const stretch of stretchesOf(text)) {
      for (const { offset, file, line, column, isVerbatim } of origin.segments(stretch.from, stretch.to))
        put(stretch.at + offset - stretch.from, [sourceAt(file, isVerbatim), line, column]);
      put(stretch.at + stretch.to - stretch.from, []);
    }
  }
  return sources.length === 0 ? undefined : { skip, sources, mappings: encodeMappings(lines.map(inOrder)) };
}

function stretchesOf({ source, edits, start }: PlacedText): Stretch[] {
  const stretches: Stretch[] = [];
  let from = 0;
  let at = start;
  for (const edit of edits) {
    stretches.push({ from, to: edit.start, at });
    at += edit.start - from + edit.code.length;
    from = edit.end;
  }
  stretches.push({ from, to: source.text.length, at });
  return stretches.filter(({ from: first, to }) => to > first);
}

/** Sorts segments by column. Where a stretch ends and the next begins, two have the same column: the last one wins. */
function inOrder(segments: readonly Segment[]): Segment[] {
  const byColumn = new Map(segments.map((segment) => [segment[0], segment]));
  return [...byColumn.values()].sort((a, b) => a[0] - b[0]);
}
