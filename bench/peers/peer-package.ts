import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as v from "valibot";
import { NPM_FOLDER } from "./peer-folders.ts";

/**
 * Loads packages of the peers' own folder, which this project does not depend on. Whoever loads one says as much of its
 * type as is used.
 */
export const peerRequire = createRequire(join(NPM_FOLDER, "package.json"));

/** Reads the version of a package there. */
export function peerVersion(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(NPM_FOLDER, "node_modules", name, "package.json"), "utf8"));
  return v.parse(v.object({ version: v.string() }), manifest).version;
}
