import type { Met } from "./binding.ts";
import { placeOf } from "./function-place.ts";
import { type PackageImport, packageImport } from "./package-import.ts";
import { isInstalled, scriptUrl } from "./script-catalogue.ts";

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
