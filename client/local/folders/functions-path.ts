import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidFlag } from "../../../lambdas/protocol/errors.ts";

/**
 * Returns the path of the module of functions to deploy.
 *
 * @param module a path relative to the current folder, or a `file:` URL
 * @throws InvalidFlag if there is no such file
 */
export function functionsPath(module: string): string {
  const path = module.startsWith("file:") ? fileURLToPath(module) : resolve(module);
  if (!existsSync(path)) throw new InvalidFlag("functions", `file not found: ${path}`);
  return path;
}
