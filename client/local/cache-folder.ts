import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { privateFolder } from "./private-folder.ts";

/** The package: a checkout's root, or `dist`. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Where synthesized stacks are kept: the preferred folder, or, where that cannot be written, a private one in the temporary folder. */
export function cacheFolder(): string {
  const preferred = preferredCache();
  return canBeWritten(preferred) ? preferred : join(privateFolder("fantail"), "cache");
}

/** `FANTAIL_CACHE`, else below the project's node_modules, else in the user's own cache. It may be read-only, with stacks made earlier. */
export function preferredCache(): string {
  const chosen = process.env.FANTAIL_CACHE;
  if (chosen !== undefined) return chosen;
  const parts = ROOT.split(sep);
  const installed = parts.slice(0, parts.lastIndexOf("node_modules") + 1).join(sep);
  const modules = [installed, join(ROOT, "node_modules"), join(ROOT, "..", "node_modules")];
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
