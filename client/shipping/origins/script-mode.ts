import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FunctionLocation } from "../inspector/function-location.ts";
import { runningScriptUrl, scriptFile, scriptSource } from "../inspector/script-catalog.ts";
import type { FunctionSource } from "../source/function-source.ts";
import { isStrictAt, type StrictRegions, strictRegions } from "../source/strict-regions.ts";
import { parsed } from "../source/syntax.ts";
import { isAtLocation, offsetAt } from "./script-origin.ts";

interface ScriptMode {
  text: string;
  regions: StrictRegions;
}

/**
 * Marks each sloppy function in a unit's text, so that a unit without the mark need not be parsed when a task submits
 * its functions.
 */
export const SLOPPY_SLOT = "/* sloppy */ ";

const modes = new Map<string, ScriptMode | "strict" | "unknown">();

/** Whether strict mode holds where a function is; undefined if its script does not show it. */
export function isFunctionStrict(location: FunctionLocation, source: FunctionSource): boolean | undefined {
  const mode = modes.get(location.scriptId) ?? readMode(location, source);
  modes.set(location.scriptId, mode);
  if (mode === "strict") return true;
  if (mode === "unknown") return undefined;
  const { text, regions } = mode;
  if (isAtLocation(text, location, source)) return isStrictAt(regions, offsetAt(text, location, source));
  // V8's line numbers may differ from the text, as with the offsets of `vm`. The mode is still known if all occurrences
  // of the function's text have the same one.
  const found = new Set<boolean>();
  for (let at = text.indexOf(source.text); at >= 0; at = text.indexOf(source.text, at + 1))
    found.add(isStrictAt(regions, at));
  return found.size === 1 ? found.has(true) : undefined;
}

/** Determines the mode of a script. Most scripts are modules by their file names, and need not be listed or read. */
function readMode(location: FunctionLocation, source: FunctionSource): ScriptMode | "strict" | "unknown" {
  const url = runningScriptUrl(location.scriptId, true);
  const file = scriptFile(url);
  if (file !== undefined && isModuleFile(file)) return "strict";
  const written = file === undefined ? undefined : parsed(() => readFileSync(file, "utf8"));
  const text =
    written !== undefined && isAtLocation(written, location, source) ? written : scriptSource(location.scriptId);
  if (text === undefined) return "unknown";
  if (url?.startsWith("fantail:") && !text.includes(SLOPPY_SLOT)) return "strict";
  const regions = strictRegions(text);
  if (regions === undefined) return "unknown";
  // Text passed to eval is also strict if the calling code is.
  if (url === undefined && regions !== "all" && !FUNCTION_CONSTRUCTOR.test(text)) return "unknown";
  return { text, regions };
}

/** Matches the source text that `new Function` and its variants create. */
const FUNCTION_CONSTRUCTOR = /^\((?:async )?function\*? anonymous\(/;

/** Whether Node loads the file as an ES module, by its extension or the nearest package.json. */
function isModuleFile(file: string): boolean {
  if (/\.m[jt]sx?$/.test(file)) return true;
  return /\.[jt]sx?$/.test(file) && isModuleFolder(dirname(file));
}

const folders = new Map<string, boolean>();

function isModuleFolder(folder: string): boolean {
  let isModule = folders.get(folder);
  if (isModule === undefined) {
    const manifest = parsed(() => readFileSync(join(folder, "package.json"), "utf8"));
    const parent = dirname(folder);
    if (manifest === undefined) isModule = parent !== folder && isModuleFolder(parent);
    else isModule = parsed((): unknown => Reflect.get(JSON.parse(manifest), "type")) === "module";
    folders.set(folder, isModule);
  }
  return isModule;
}
