import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import * as v from "valibot";

/** The error that Node throws for a file that does not exist. */
const NotFound = v.looseObject({ code: v.literal("ENOENT"), path: v.string(), syscall: v.optional(v.unknown()) });

/**
 * Advice for the error of a task that did not find a file, if the path is relative or exists on this machine; undefined
 * for any other error.
 */
export function missingFileAdvice(thrown: unknown): string | undefined {
  if (!v.is(NotFound, thrown) || /^spawn/.test(String(thrown.syscall))) return undefined;
  const { path } = thrown;
  if (!isAbsolute(path))
    return `a relative path is looked up in the engine's own folder, not in your script's: ${REMEDY}`;
  return existsSync(path) ? `the file is on your machine, not on the engine: ${REMEDY}` : undefined;
}

const REMEDY = "read the file before the call and pass its content as an argument";
