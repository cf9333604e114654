import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";

/** What to do about a file that a task did not find, where it seems to have meant one of this machine's. */
export function missingFileHint(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const { code, path, syscall } = thrown as { code?: unknown; path?: unknown; syscall?: unknown };
  if (code !== "ENOENT" || typeof path !== "string" || /^spawn/.test(String(syscall))) return undefined;
  if (!isAbsolute(path))
    return `a relative path is looked up in the engine's own folder, not in your script's: ${REMEDY}`;
  return existsSync(path) ? `the file is on your machine, not on the engine: ${REMEDY}` : undefined;
}

const REMEDY = "read the file before the call and pass its content as an argument";
