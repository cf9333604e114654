import { readFileSync } from "node:fs";
import { findSourceMap } from "node:module";
import { decodeMappings, type Segment, segmentAt } from "../../../lambdas/protocol/source-mappings.ts";
import { parseOrigins } from "../../../lambdas/protocol/unit-origins.ts";
import type { FunctionLocation } from "../inspector/function-location.ts";
import { runningScriptUrl, scriptFile, scriptSource } from "../inspector/script-catalog.ts";
import type { FunctionSource } from "../source/function-source.ts";
import { linesOf } from "../source/text-lines.ts";
import { attempt, mapInside, mapOf, type ScriptMap } from "./source-map.ts";

/** A location in a function's text, and the same location in the user's file. Line and column count from 0. */
interface OriginSegment {
  offset: number;
  file: string;
  line: number;
  column: number;
  /** Whether the following text is the same as in the file. */
  isVerbatim: boolean;
}

/** Maps a function's text to the user's files. */
export interface FunctionOrigin {
  /** Returns the places between two offsets, in order. The first is at `from` if that is known. */
  segments(from: number, to: number): OriginSegment[];
}

/**
 * Global key, in the threads of engines, of a function that returns a unit's origin table. The table maps the unit to
 * the user's files without listing scripts.
 */
const UNIT_ORIGINS = Symbol.for("fantail.origins");
const maps = new Map<string, ScriptMap | undefined>();

/**
 * Finds where a function comes from.
 *
 * @returns undefined if the function's file is unknown
 */
export function scriptOrigin(location: FunctionLocation, source: FunctionSource): FunctionOrigin | undefined {
  if (!maps.has(location.scriptId))
    maps.set(
      location.scriptId,
      attempt(() => readMap(location, source)),
    );
  const map = maps.get(location.scriptId);
  return map && originIn(map, location, source);
}

function originIn(map: ScriptMap, location: FunctionLocation, source: FunctionSource): FunctionOrigin {
  const text = linesOf(source.text);
  const [anchorLine, anchorColumn] = text.position(source.anchor);
  const firstLine = location.line - anchorLine;
  // If the text begins above V8's line, the column of its first line is unknown.
  const firstColumn = anchorLine === 0 ? location.column - anchorColumn : 0;
  const toOffset = (line: number, column: number) =>
    (text.starts[line - firstLine] ?? 0) + column - (line === firstLine ? firstColumn : 0);
  return {
    segments(from, to) {
      const found: OriginSegment[] = [];
      const [fromLine] = text.position(from);
      const [toLine] = text.position(to);
      for (let line = fromLine; line <= toLine; line++) {
        const start = Math.max(from, text.starts[line] ?? 0);
        const past = Math.min(to, text.starts[line + 1] ?? to);
        const scriptLine = firstLine + line;
        const scriptColumn = start - (text.starts[line] ?? 0) + (line === 0 ? firstColumn : 0);
        if (map.lines === undefined) {
          const [file, isVerbatim] = map.sources[0] ?? ["", false];
          found.push({ offset: start, file, line: scriptLine, column: scriptColumn, isVerbatim });
          continue;
        }
        const segments = map.lines[scriptLine] ?? [];
        const first = segmentAt(segments, scriptColumn);
        const within = segments.filter(([column]) => {
          const offset = toOffset(scriptLine, column);
          return offset > start && offset < past;
        });
        for (const segment of first ? [first, ...within] : within) {
          if (segment.length !== 4) continue;
          const [column, sourceAt, sourceLine, sourceColumn] = segment;
          const [file, isVerbatim] = map.sources[sourceAt] ?? ["", false];
          // Verbatim text may begin in the middle of a segment.
          const into = segment === first && isVerbatim ? scriptColumn - column : 0;
          const offset = segment === first ? start : toOffset(scriptLine, column);
          found.push({ offset, file, line: sourceLine, column: sourceColumn + into, isVerbatim });
        }
      }
      return found;
    },
  };
}

function readMap(location: FunctionLocation, source: FunctionSource): ScriptMap | undefined {
  const units = unitTables();
  const url = runningScriptUrl(location.scriptId, units === undefined);
  if (url === undefined) return undefined;
  if (units) return unitMap(units(url));
  const known = findSourceMap(url)?.payload;
  if (known) return mapOf(known, url);
  const file = scriptFile(url);
  const text = file === undefined ? undefined : attempt(() => readFileSync(file, "utf8"));
  if (text !== undefined && isAtLocation(text, location, source)) return mapInside(text, url) ?? verbatim(file ?? url);
  // A loader has transformed the file.
  const loaded = scriptSource(location.scriptId);
  return (loaded === undefined ? undefined : mapInside(loaded, url)) ?? verbatim(file ?? url);
}

function verbatim(file: string): ScriptMap {
  return { sources: [[file, true]], lines: undefined };
}

/** Returns the function that gives a unit's origin table by its name; undefined outside an engine. */
function unitTables(): ((name: string) => unknown) | undefined {
  const tables: unknown = Reflect.get(globalThis, UNIT_ORIGINS);
  return typeof tables === "function" ? (name) => Reflect.apply(tables, undefined, [name]) : undefined;
}

/** Whether the text contains the function at that location. */
export function isAtLocation(text: string, location: FunctionLocation, source: FunctionSource): boolean {
  return text.startsWith(source.text, offsetAt(text, location, source));
}

/** Returns where a function's text begins in the text of its script. */
export function offsetAt(text: string, { line, column }: FunctionLocation, source: FunctionSource): number {
  return (linesOf(text).starts[line] ?? 0) + column - source.anchor;
}

/** Returns the map of a unit, so that a function that a task submits leads to the files that its unit was made from. */
function unitMap(table: unknown): ScriptMap | undefined {
  if (typeof table !== "string") return undefined;
  const { skip, sources, mappings } = parseOrigins(table);
  const none: Segment[][] = Array.from({ length: skip }, () => []);
  return {
    sources: sources.map(([file, isVerbatim]) => [file, isVerbatim === 1]),
    lines: [...none, ...decodeMappings(mappings)],
  };
}
