import type { Met } from "./binding.ts";
import { type PackageImport, packageImport } from "./package-import.ts";
import { canReadScopes, readScopes } from "./scope-reader.ts";
import { isInstalled, scriptUrl } from "./script-catalogue.ts";

/** Scripts that are known to be the user's own. */
const ownScripts = new Set<string>();

/**
 * Claims that the function is of an installed package. V8 is asked for its file only when it does not stand
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

/** What the script that uses a value imports under its name. */
export function importedAs({ scriptId, local }: Met): PackageImport | undefined {
  return scriptId === undefined || !local ? undefined : packageImport(scriptId, local.name, local.member);
}

const scripts = new WeakMap<object, string>();

/** The script in which a function stands. */
export function scriptOf(fn: object): string | undefined {
  let script = scripts.get(fn);
  if (script === undefined && canReadScopes()) {
    script = readScopes(fn, []).place?.scriptId;
    if (script !== undefined) scripts.set(fn, script);
  }
  return script;
}
