import { placeOf } from "../inspector/function-place.ts";
import type { FunctionPlace } from "../inspector/place.ts";
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
  return placeOf(fn)?.scriptId;
}

/** After this many functions with the same text at the same place, the next one is assumed to be there too. */
const SURE = 50;
const commonPlaces = new WeakMap<FunctionSource, { place: FunctionPlace; count: number }>();

/**
 * Like `placeOf`, for functions that a loop may create in large numbers: asking V8 about each of them would take longer
 * than the rest of the capture.
 */
export function placeOfMany(fn: object, source: FunctionSource): FunctionPlace | undefined {
  const common = commonPlaces.get(source);
  if (common && common.count >= SURE) return common.place;
  const place = placeOf(fn);
  if (place === undefined) return undefined;
  if (common === undefined) commonPlaces.set(source, { place, count: 1 });
  else if (isSame(common.place, place)) common.count++;
  else common.count = Number.NEGATIVE_INFINITY;
  return place;
}

function isSame(a: FunctionPlace, b: FunctionPlace): boolean {
  return a.scriptId === b.scriptId && a.line === b.line && a.column === b.column;
}
