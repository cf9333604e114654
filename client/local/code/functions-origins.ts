import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { isRecord } from "../../../lambdas/protocol/record.ts";
import { originsLine } from "../../../lambdas/protocol/unit-origins.ts";

/**
 * Returns the last line of the bundle of deployed functions, which leads the stacks of their errors to the user's files:
 * by paths relative to the project's folder, so that equal projects give equal bytes.
 *
 * @param map esbuild's source map, whose paths are relative to the entry's folder
 */
export function functionsOrigins(map: string, entry: string): string {
  const { sources, mappings }: Record<string, unknown> = { ...recordIn(map) };
  if (!Array.isArray(sources) || typeof mappings !== "string") return "";
  const folder = dirname(entry);
  const project = projectOf(folder);
  const files = sources.map((source): [string, 0] => [
    relative(project, resolve(folder, String(source)))
      .split(sep)
      .join("/"),
    0,
  ]);
  return `${originsLine({ skip: 0, sources: files, mappings })}\n`;
}

function recordIn(text: string): object {
  const value: unknown = JSON.parse(text);
  return isRecord(value) ? value : {};
}

/** The nearest folder with a package.json; the folder itself if there is none. */
function projectOf(folder: string): string {
  for (let at = folder; at !== dirname(at); at = dirname(at)) if (existsSync(join(at, "package.json"))) return at;
  return folder;
}
