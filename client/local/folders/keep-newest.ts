import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Removes the oldest entries of a folder until at most `count` entries are left. */
export function keepNewest(folder: string, count: number): void {
  const entries = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return { path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  entries.sort((a, b) => b.time - a.time);
  for (const { path } of entries.slice(count)) rmSync(path, { recursive: true, force: true });
}
