import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

const Owner = v.pipe(v.string(), v.parseJson(), v.object({ pid: v.number() }));

/** Notes which process the cluster on a data folder belongs to, for whoever finds it locked. */
export function noteOwner(folder: string, pid: number): void {
  writeFileSync(fileIn(folder), JSON.stringify({ pid }), { mode: 0o600 });
}

/** The process that was noted last; undefined where none was. It may have ended. */
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
