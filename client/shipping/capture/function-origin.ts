import { placeOf } from "../inspector/function-place.ts";
import { isInstalled, scriptUrl } from "../inspector/script-catalogue.ts";
import type { FunctionPlace } from "../inspector/session.ts";
import { type PackageImport, packageImport } from "../packages/package-import.ts";
import type { FunctionSource } from "../source/function-source.ts";
import type { Met } from "../unit/binding.ts";

/** Scripts that are known to be the user's own. */
const ownScripts = new Set<string>();

/**
 * Whether the function is of an installed package. V8 is asked for its file only when it does not stand
 * in the script that uses it.
 */
export function isFromPackage(fn: object, met: Met): boolean {
  const scriptId = scriptOf(fn);
  if (scriptId === undefined || ownScripts.has(scriptId)) return false;
  if (scriptId === met.scriptId) return met.installed;
  const installed = isInstalled(scriptUrl(scriptId));
  if (!installed) ownScripts.add(scriptId);
  return installed;
}

/** Whether the function stands in Node's own code, and is none that a module of Node exports. */
export function isNodesOwn(fn: object, met: Met): boolean {
  const scriptId = scriptOf(fn);
  return scriptId !== undefined && scriptId !== met.scriptId && scriptUrl(scriptId)?.startsWith("node:") === true;
}

/** What the script that uses a value imports under its name. */
export function importedAs({ scriptId, local }: Met): PackageImport | undefined {
  return scriptId === undefined || !local ? undefined : packageImport(scriptId, local.name, local.member);
}

/** The script in which a function stands. */
export function scriptOf(fn: object): string | undefined {
  return placeOf(fn)?.scriptId;
}

/** So many functions of one text that all stood at one place are made there in a loop, as the next one will be. */
const SURE = 50;
const commonPlaces = new WeakMap<FunctionSource, { place: FunctionPlace; count: number }>();

/** As `placeOf`, for functions of which a loop may make many: to ask V8 of each would cost more than all the rest. */
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
