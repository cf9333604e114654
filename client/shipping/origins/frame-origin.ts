import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { segmentAt } from "../../../lambdas/protocol/source-mappings.ts";
import { attempt, mapInside, type ScriptMap } from "./source-map.ts";

/** The end of a stack frame in a JavaScript file: the file's extension, a line and a column. */
const POSITION = /(\.[cm]?js):(\d+):(\d+)(\)?)$/;
/** The beginning of a path or a file URL. */
const PATH_START = /(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])/;

const maps = new Map<string, ScriptMap | undefined>();

/**
 * Rewrites a stack frame of a compiled file to the place that its source map names, as Node does with
 * `--enable-source-maps`. Other frames stay as they are.
 */
export function originalFrame(frame: string): string {
  const found = POSITION.exec(frame);
  if (!found) return frame;
  const [, extension = "", line, column, end = ""] = found;
  // The path follows the last parenthesis. One pattern for all of it takes quadratic time, and tasks write these frames.
  const before = frame.slice(0, found.index);
  const start = Math.max(before.lastIndexOf("("), before.lastIndexOf(")")) + 1;
  const path = PATH_START.exec(before.slice(start));
  if (!path) return frame;
  const at = start + path.index;
  const script = before.slice(at) + extension;
  const map = mapOfFile(script);
  const segment = segmentAt(map?.lines?.[Number(line) - 1] ?? [], Number(column) - 1);
  const [file] = (segment?.length === 4 ? map?.sources[segment[1]] : undefined) ?? [];
  if (segment?.length !== 4 || file === undefined) return frame;
  return `${frame.slice(0, at)}${file}:${segment[2] + 1}:${segment[3] + 1}${end}`;
}

/** Reads the map of a script once: its stacks are shown many times if a whole map fails. */
function mapOfFile(script: string): ScriptMap | undefined {
  if (!maps.has(script)) {
    const url = script.startsWith("file:") ? script : pathToFileURL(script).href;
    maps.set(
      script,
      attempt(() => mapInside(readFileSync(fileURLToPath(url), "utf8"), url)),
    );
  }
  return maps.get(script);
}
