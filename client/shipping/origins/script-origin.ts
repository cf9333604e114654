import { readFileSync } from "node:fs";
import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import { decodeMappings, type Segment, segmentAt } from "../../../lambdas/protocol/source-mappings.ts";
import type { UnitOrigins } from "../../../lambdas/protocol/unit-origins.ts";
import { runningScriptUrl, scriptFile, scriptSource } from "../inspector/script-catalogue.ts";
import type { FunctionPlace } from "../inspector/session.ts";
import type { FunctionSource } from "../source/function-source.ts";
import { linesOf } from "../source/text-lines.ts";

/** A place in a function's text, and the place in the user's file that it is, counted from 0. */
interface OriginSegment {
  offset: number;
  file: string;
  line: number;
  column: number;
  /** Whether the text goes on as it stands in the file. */
  isVerbatim: boolean;
}

/** Where a function comes from. */
export interface FunctionOrigin {
  /** Places of the text between two offsets, in order, the first at `from` where that is known. */
  segments(from: number, to: number): OriginSegment[];
}

/** What is known of a script: by which map it was made of other files, or that it is a file itself. */
interface ScriptMap {
  sources: readonly [file: string, isVerbatim: boolean][];
  /** Undefined: the script is the first source. */
  lines: readonly (readonly Segment[])[] | undefined;
}

/** Where units tell of their origins, in the thread of an engine: there scripts are not listed, and units are the user's files. */
const UNIT_ORIGINS = Symbol.for("fantail.origins");
const maps = new Map<string, ScriptMap | undefined>();
const MAP_COMMENT = /^\/\/[#@] sourceMappingURL=(\S+)\s*$/gm;

/** @returns undefined where the function's file is not known */
export function scriptOrigin(place: FunctionPlace, source: FunctionSource): FunctionOrigin | undefined {
  if (!maps.has(place.scriptId))
    maps.set(
      place.scriptId,
      attempt(() => readMap(place, source)),
    );
  const map = maps.get(place.scriptId);
  return map && originIn(map, place, source);
}

function originIn(map: ScriptMap, place: FunctionPlace, source: FunctionSource): FunctionOrigin {
  const text = linesOf(source.text);
  const [anchorLine, anchorColumn] = text.place(source.anchor);
  const firstLine = place.line - anchorLine;
  // Of a first line above the one that V8 tells of, the column is not known.
  const firstColumn = anchorLine === 0 ? place.column - anchorColumn : 0;
  const toOffset = (line: number, column: number) =>
    (text.starts[line - firstLine] ?? 0) + column - (line === firstLine ? firstColumn : 0);
  return {
    segments(from, to) {
      const found: OriginSegment[] = [];
      const [fromLine] = text.place(from);
      const [toLine] = text.place(to);
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
          // Text that is the file's own may begin in the middle of a segment.
          const into = segment === first && isVerbatim ? scriptColumn - column : 0;
          const offset = segment === first ? start : toOffset(scriptLine, column);
          found.push({ offset, file, line: sourceLine, column: sourceColumn + into, isVerbatim });
        }
      }
      return found;
    },
  };
}

function readMap(place: FunctionPlace, source: FunctionSource): ScriptMap | undefined {
  const units = unitTables();
  const url = runningScriptUrl(place.scriptId, units === undefined);
  if (url === undefined) return undefined;
  if (units) return unitMap(units(url));
  const known = findSourceMap(url)?.payload;
  if (known) return mapOf(known, url);
  const file = scriptFile(url);
  const text = file === undefined ? undefined : attempt(() => readFileSync(file, "utf8"));
  if (text !== undefined && isAtPlace(text, place, source)) return mapInside(text, url) ?? verbatim(file ?? url);
  // A loader has made it of something else.
  const loaded = scriptSource(place.scriptId);
  return (loaded === undefined ? undefined : mapInside(loaded, url)) ?? verbatim(file ?? url);
}

function verbatim(file: string): ScriptMap {
  return { sources: [[file, true]], lines: undefined };
}

/** What tells of the origins of a unit by its name; undefined where this is no engine. */
function unitTables(): ((name: string) => unknown) | undefined {
  const tables: unknown = Reflect.get(globalThis, UNIT_ORIGINS);
  return typeof tables === "function" ? (name) => Reflect.apply(tables, undefined, [name]) : undefined;
}

/** Whether the function stands at that place of the text. */
export function isAtPlace(text: string, place: FunctionPlace, source: FunctionSource): boolean {
  return text.startsWith(source.text, offsetAt(text, place, source));
}

/** Where the text of a function begins in the text of its script. */
export function offsetAt(text: string, { line, column }: FunctionPlace, source: FunctionSource): number {
  return (linesOf(text).starts[line] ?? 0) + column - source.anchor;
}

interface MapPayload {
  sources: (string | null)[];
  sourceRoot?: string;
  mappings: string;
}

function mapOf({ sources, sourceRoot, mappings }: MapPayload, url: string): ScriptMap | undefined {
  // A map of maps has none of its own.
  if (typeof mappings !== "string") return undefined;
  const base = /^\w+:/.test(url) ? url : `file://${scriptFile(url) ?? url}`;
  const named = sources.map((source): [string, boolean] => {
    const path = (sourceRoot ? `${sourceRoot.replace(/\/?$/, "/")}` : "") + (source ?? "");
    const absolute = attempt(() => new URL(path, base).href) ?? path;
    return [absolute.startsWith("file:") ? (attempt(() => fileURLToPath(absolute)) ?? absolute) : absolute, false];
  });
  return { sources: named, lines: decodeMappings(mappings) };
}

/** By the map that a script names in its last comment of that kind. */
function mapInside(text: string, url: string): ScriptMap | undefined {
  const named = [...text.matchAll(MAP_COMMENT)].at(-1)?.[1];
  if (named === undefined) return undefined;
  const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(named);
  const file = scriptFile(url);
  const json = inline
    ? Buffer.from(inline[1] ? (inline[2] ?? "") : decodeURIComponent(inline[2] ?? ""), inline[1] ? "base64" : "utf8")
    : attempt(() => readFileSync(new URL(named, /^file:/.test(url) ? url : `file://${file}`)));
  return json && attempt(() => mapOf(JSON.parse(json.toString("utf8")) as MapPayload, url));
}

/** A function that a task submits on leads to where its unit led. */
function unitMap(table: unknown): ScriptMap | undefined {
  if (typeof table !== "string") return undefined;
  const { skip, sources, mappings } = JSON.parse(table) as UnitOrigins;
  const none: Segment[][] = Array.from({ length: skip }, () => []);
  return {
    sources: sources.map(([file, isVerbatim]) => [file, isVerbatim === 1]),
    lines: [...none, ...decodeMappings(mappings)],
  };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
