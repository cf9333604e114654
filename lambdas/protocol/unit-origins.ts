import { FantailError } from "./fantail-error.ts";
import { isRecord } from "./record.ts";
import { decodeMappings, type Segment, segmentAt } from "./source-mappings.ts";

/**
 * Maps a code unit's text to the user's own files. It is the last line of the text, and read only when an error is
 * shown. It is stored with the code because the process that shows the error may not be the sender.
 */
export interface UnitOrigins {
  /** Number of lines of the unit before those that `mappings` describes. */
  skip: number;
  /** Files or URLs, and whether the unit holds their text verbatim, so that columns are reliable. */
  sources: [file: string, isVerbatim: 0 | 1][];
  /** The mappings from lines of the unit to `sources`, in the format of source maps. */
  mappings: string;
}

/** A position in a file; line and column count from 1. */
interface FilePlace {
  file: string;
  line: number;
  column: number;
}

const PREFIX = "//# origins=";

/** Formats the last line of a unit. */
export function originsLine(origins: UnitOrigins): string {
  return PREFIX + JSON.stringify(origins);
}

/** Extracts the origins from the last line of a unit's text; undefined if there are none. */
export function originsIn(source: string): string | undefined {
  const at = source.lastIndexOf(`\n${PREFIX}`);
  return at < 0 ? undefined : source.slice(at + 1 + PREFIX.length);
}

/**
 * Parses the table of a unit's origins.
 *
 * @param text the text from `originsIn`
 * @throws FantailError or SyntaxError if it is damaged
 */
export function parseOrigins(text: string): UnitOrigins {
  const origins: unknown = JSON.parse(text);
  if (isOrigins(origins)) return origins;
  throw new FantailError(
    "the source map in the function's code is damaged: submit the function again from a new client",
  );
}

function isOrigins(origins: unknown): origins is UnitOrigins {
  if (!isRecord(origins)) return false;
  const { skip, sources, mappings } = origins;
  return typeof skip === "number" && Array.isArray(sources) && sources.every(isSource) && typeof mappings === "string";
}

function isSource(source: unknown): boolean {
  return Array.isArray(source) && typeof source[0] === "string" && (source[1] === 0 || source[1] === 1);
}

/**
 * Finds where the text at a position in a unit comes from: `undefined` for fantail's own text, `"elsewhere"` for text that
 * the table does not cover.
 */
export type FindOrigin = (line: number, column: number) => FilePlace | "elsewhere" | undefined;

/**
 * Makes a function that finds where a unit's text comes from.
 *
 * @param text the text from `originsIn`
 * @throws FantailError or SyntaxError if it is damaged
 */
export function findOrigins(text: string): FindOrigin {
  const { skip, sources, mappings } = parseOrigins(text);
  const lines: Segment[][] = decodeMappings(mappings);
  return (line, column) => {
    // The first two lines open the unit's function; bundled packages follow.
    if (line - 1 < skip) return line <= 2 ? undefined : "elsewhere";
    const segment = segmentAt(lines[line - 1 - skip] ?? [], column - 1);
    if (segment?.length !== 4) return undefined;
    const [from, source, sourceLine, sourceColumn] = segment;
    const [file, isVerbatim] = sources[source] ?? ["", 0];
    return { file, line: sourceLine + 1, column: sourceColumn + 1 + (isVerbatim ? column - 1 - from : 0) };
  };
}
