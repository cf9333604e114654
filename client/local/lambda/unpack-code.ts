import { cpSync } from "node:fs";
import { basename, join } from "node:path";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import { EXTENSION, PACKAGE_ROOT } from "../folders/package-root.ts";
import { bundleProcess } from "../processes/bundle-process.ts";
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

/** Returns the file that every environment runs first. A checkout builds it when first needed. */
export function bootstrapFile(): string {
  if (EXTENSION === ".js") return join(PACKAGE_ROOT, "bundle", "environment-bootstrap.js");
  const file = bundleProcess("client/local/lambda/environment-bootstrap");
  if (file === undefined)
    throw new ClusterError("the checkout has no node_modules, which an embedded cluster needs: run npm ci");
  return file;
}
