import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as v from "valibot";
import { NPM_FOLDER } from "./peer-folders.ts";

/**
 * Loads packages from the peers' own folder: this project does not depend on them. Callers declare the types that they
 * use.
 */
export const peerRequire = createRequire(join(NPM_FOLDER, "package.json"));

/** Returns the version of a package in the peers' folder. */
export function peerVersion(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(NPM_FOLDER, "node_modules", name, "package.json"), "utf8"));
  return v.parse(v.object({ version: v.string() }), manifest).version;
}
