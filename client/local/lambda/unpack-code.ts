import { cpSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";
import { EXTENSION, PACKAGE_ROOT } from "../folders/package-root.ts";
import type { FunctionSpec } from "../stack/deployment.ts";

/**
 * Copies each function's code out of the project, so that an incomplete bundle fails here instead of on AWS: the
 * project's node_modules cannot be reached from the copy.
 *
 * @returns each function's folder, by its name
 */
export function unpackCode(functions: readonly FunctionSpec[], folder: string): Map<string, string> {
  const folders = new Map<string, string>();
  for (const { name, codeFolder } of functions) {
    const unpacked = join(folder, "task", basename(codeFolder));
    if (![...folders.values()].includes(unpacked)) cpSync(codeFolder, unpacked, { recursive: true });
    folders.set(name, unpacked);
  }
  return folders;
}

/** Bundles the file that every environment runs first, and returns its path. */
export function bundleBootstrap(folder: string): string {
  const outfile = join(folder, "runtime", "bootstrap.mjs");
  mkdirSync(join(folder, "runtime"), { recursive: true });
  buildSync({
    entryPoints: [join(PACKAGE_ROOT, `client/local/lambda/environment-bootstrap${EXTENSION}`)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "silent",
  });
  return outfile;
}
