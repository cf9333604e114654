import type { FunctionLocation } from "../inspector/function-location.ts";
import { locationOf } from "../inspector/locate-function.ts";
import { isInstalled, scriptUrl } from "../inspector/script-catalog.ts";
import { type PackageImport, packageImport } from "../packages/package-import.ts";
import type { FunctionSource } from "../source/function-source.ts";
import type { Met } from "../unit/binding.ts";

/** Scripts known to be the user's own. */
const ownScripts = new Set<string>();

/**
 * Whether the function belongs to an installed package. Does not ask V8 for the file of a function that is in the
 * script that uses it, or in a script known to be the user's.
 */
export function isFromPackage(fn: object, met: Met): boolean {
  const scriptId = scriptOf(fn);
  if (scriptId === undefined || ownScripts.has(scriptId)) return false;
  if (scriptId === met.scriptId) return met.installed;
  const installed = isInstalled(scriptUrl(scriptId));
  if (!installed) ownScripts.add(scriptId);
  return installed;
}

/** Whether the function is in Node's internal code. Callers have already handled exports of Node's modules. */
export function isNodesOwn(fn: object, met: Met): boolean {
  const scriptId = scriptOf(fn);
  return scriptId !== undefined && scriptId !== met.scriptId && scriptUrl(scriptId)?.startsWith("node:") === true;
}

/** Returns the package import behind the name by which a script refers to a value; undefined if there is none. */
export function importedAs({ scriptId, local }: Met): PackageImport | undefined {
  return scriptId === undefined || !local ? undefined : packageImport(scriptId, local.name, local.member);
}

/** Returns the id of the script that contains a function; undefined if V8 does not say. */
export function scriptOf(fn: object): string | undefined {
  return locationOf(fn)?.scriptId;
}

/** After this many functions with the same text at the same location, the next one is assumed to be there too. */
const SURE = 50;
const commonLocations = new WeakMap<FunctionSource, { location: FunctionLocation; count: number }>();

/**
 * Like `placeOf`, for functions that a loop may create in large numbers: asking V8 about each of them would take longer
 * than the rest of the capture.
 */
export function locationOfMany(fn: object, source: FunctionSource): FunctionLocation | undefined {
  const common = commonLocations.get(source);
  if (common && common.count >= SURE) return common.location;
  const location = locationOf(fn);
  if (location === undefined) return undefined;
  if (common === undefined) commonLocations.set(source, { location, count: 1 });
  else if (isSame(common.location, location)) common.count++;
  else common.count = Number.NEGATIVE_INFINITY;
  return location;
}

function isSame(a: FunctionLocation, b: FunctionLocation): boolean {
  return a.scriptId === b.scriptId && a.line === b.line && a.column === b.column;
}
