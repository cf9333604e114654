import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, sep } from "node:path";
import { PACKAGE_ROOT } from "./package-root.ts";
import { privateFolder } from "./private-folder.ts";

/**
 * Returns the folder for synthesized stacks: the preferred one, or a private temporary folder if that one is not
 * writable.
 */
export function cacheFolder(): string {
  const preferred = preferredCache();
  return canBeWritten(preferred) ? preferred : join(privateFolder("fantail"), "cache");
}

/**
 * Returns `FANTAIL_CACHE`, else a folder in the project's node_modules, else one in the user's cache. The folder may be
 * read-only, but already hold synthesized stacks.
 */
export function preferredCache(): string {
  const chosen = process.env.FANTAIL_CACHE;
  if (chosen !== undefined) return chosen;
  const parts = PACKAGE_ROOT.split(sep);
  const installed = parts.slice(0, parts.lastIndexOf("node_modules") + 1).join(sep);
  const modules = [installed, join(PACKAGE_ROOT, "node_modules"), join(PACKAGE_ROOT, "..", "node_modules")];
  const found = modules.find((folder) => folder !== "" && existsSync(folder));
  return found === undefined ? join(homedir(), ".cache", "fantail") : join(found, ".cache", "fantail");
}

function canBeWritten(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
