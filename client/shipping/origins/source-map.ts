import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isRecord } from "../../../lambdas/protocol/record.ts";
import { decodeMappings, type Segment } from "../../../lambdas/protocol/source-mappings.ts";
import { scriptFile } from "../inspector/script-catalog.ts";

const MAP_COMMENT = /^\/\/[#@] sourceMappingURL=(\S+)\s*$/gm;

/** A script's source map. A script without a map is a source file itself. */
export interface ScriptMap {
  sources: readonly [file: string, isVerbatim: boolean][];
  /** The mappings of each line; undefined if the script itself is the first source. */
  lines: readonly (readonly Segment[])[] | undefined;
}

/** @param payload a source map, not validated */
export function mapOf(payload: unknown, url: string): ScriptMap | undefined {
  if (!isRecord(payload)) return undefined;
  const { sources, sourceRoot, mappings } = payload;
  // An index map has sections instead.
  if (typeof mappings !== "string" || !Array.isArray(sources)) return undefined;
  const base = /^\w+:/.test(url) ? url : `file://${scriptFile(url) ?? url}`;
  const root = typeof sourceRoot === "string" && sourceRoot !== "" ? sourceRoot.replace(/\/?$/, "/") : "";
  const named = sources.map((source: unknown): [string, boolean] => {
    const path = root + (typeof source === "string" ? source : "");
    const absolute = attempt(() => new URL(path, base).href) ?? path;
    return [absolute.startsWith("file:") ? (attempt(() => fileURLToPath(absolute)) ?? absolute) : absolute, false];
  });
  return { sources: named, lines: decodeMappings(mappings) };
}

/** Reads the map that a script names in its last `sourceMappingURL` comment. */
export function mapInside(text: string, url: string): ScriptMap | undefined {
  const named = [...text.matchAll(MAP_COMMENT)].at(-1)?.[1];
  if (named === undefined) return undefined;
  const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(named);
  const file = scriptFile(url);
  const json = inline
    ? Buffer.from(inline[1] ? (inline[2] ?? "") : decodeURIComponent(inline[2] ?? ""), inline[1] ? "base64" : "utf8")
    : attempt(() => readFileSync(new URL(named, /^file:/.test(url) ? url : `file://${file}`)));
  return json && attempt(() => mapOf(JSON.parse(json.toString("utf8")), url));
}

/** Returns what `read` returns, or undefined if it throws. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
