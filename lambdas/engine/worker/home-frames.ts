import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type FindOrigin, findOrigins, originsIn } from "../../protocol/unit-origins.ts";
import { codeOf } from "./code-of.ts";

/** Origins of evaluated units, by the unit's name in stacks. They are parsed only when an error needs them. */
const origins = new Map<string, string>();
const finders = new Map<string, FindOrigin>();
/** URLs of modules whose origins are in their files. */
const modules = new Set<string>();
/**
 * The key under which the code that captures functions finds the units' origins. That code is bundled separately, and a
 * task may submit functions of its own unit.
 */
const UNIT_ORIGINS = Symbol.for("fantail.origins");
/** Maximum number of units to remember. A worker that has seen more is soon replaced. */
const KNOWN_UNITS = 2000;

/** Records the origins of a unit by its name in stacks. */
export function noteOrigins(name: string, source: string): void {
  const text = originsIn(source);
  if (text === undefined) return;
  if (origins.size >= KNOWN_UNITS) {
    origins.clear();
    finders.clear();
  }
  origins.set(name, text);
}

/** Records that a module's file ends with its origins. The file is read only if an error needs them. */
export function noteModule(url: string): void {
  modules.add(url);
}

/**
 * Makes the stacks of all errors in this thread name the user's own files, without frames of the engine. Costs nothing
 * until a stack is read.
 *
 * @param isOurs whether a script is the engine's own
 */
export function leadStacksHome(isOurs: (script: string) => boolean): void {
  Object.defineProperty(globalThis, UNIT_ORIGINS, { value: (name: string) => origins.get(name) });
  Error.prepareStackTrace = (error, sites) =>
    [headOf(error), ...sites.flatMap((site, at) => frameOf(site, isOurs, sites.slice(at + 1)) ?? [])].join("\n    at ");
}

/**
 * Formats a frame for the user; undefined for a frame to leave out.
 *
 * @param callers the frames of the frame's callers, innermost first
 */
function frameOf(
  site: NodeJS.CallSite,
  isOurs: (script: string) => boolean,
  callers: readonly NodeJS.CallSite[],
): string | undefined {
  const script = scriptOf(site);
  if (script.startsWith("node:internal/") || isOurs(script)) return undefined;
  if (script.startsWith("node:") && isOurs(callers.map(scriptOf).find((caller) => !caller.startsWith("node:")) ?? ""))
    return undefined;
  const text = String(site);
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  const isMapped = script.startsWith("fantail:") || modules.has(script);
  if (!isMapped || line === null || column === null) return text;
  const find = originOf(script);
  const origin = find?.(line, column);
  if (origin === undefined) return find ? undefined : text;
  if (origin === "elsewhere") return text;
  const here = `${script}:${line}:${column}`;
  return text.replace(here, () => `${origin.file}:${origin.line}:${origin.column}`);
}

function scriptOf(site: NodeJS.CallSite): string {
  return site.getScriptNameOrSourceURL() ?? "";
}

function originOf(script: string): FindOrigin | undefined {
  const known = finders.get(script);
  const text = known || !modules.has(script) ? origins.get(script) : originsInFile(script);
  const find = known ?? (text === undefined ? undefined : findOrigins(text));
  if (find) finders.set(script, find);
  return find;
}

/** Reads the origins of a module once: a file without any is not read again. */
function originsInFile(url: string): string | undefined {
  modules.delete(url);
  try {
    const text = originsIn(readFileSync(fileURLToPath(url), "utf8").trimEnd());
    if (text !== undefined) modules.add(url);
    return text;
  } catch {
    return undefined;
  }
}

/** The first line as Node writes it: Node's own errors have their code after the name. */
function headOf(error: Error): string {
  try {
    const code = codeOf(error);
    const isNodes = typeof code === "string" && /^ERR_/.test(code) && isNodeError(error);
    return isNodes ? `${error.name} [${code}]: ${error.message}` : Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

function isNodeError(error: object): boolean {
  for (let at: object | null = error; at !== null; at = Object.getPrototypeOf(at))
    if (Object.getOwnPropertySymbols(at).some(({ description }) => description === "kIsNodeError")) return true;
  return false;
}
