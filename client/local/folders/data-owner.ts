import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

const Owner = v.pipe(v.string(), v.parseJson(), v.object({ pid: v.number() }));

/**
 * Records which process owns the cluster on a data folder. Another process that finds the folder locked names the owner
 * in its error message.
 */
export function noteOwner(folder: string, pid: number): void {
  writeFileSync(fileIn(folder), JSON.stringify({ pid }), { mode: 0o600 });
}

/** Returns the id of the process recorded last; undefined if there is none. That process may have ended. */
export function ownerOf(folder: string): number | undefined {
  try {
    return v.parse(Owner, readFileSync(fileIn(folder), "utf8")).pid;
  } catch {
    return undefined;
  }
}

function fileIn(folder: string): string {
  return join(folder, "owner.json");
}
