import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";

/**
 * The path of the module with the functions to deploy, which is given by path, from the current folder, or by `file:` URL.
 *
 * @throws InvalidFlag when there is no such file
 */
export function functionsPath(module: string): string {
  const path = module.startsWith("file:") ? fileURLToPath(module) : resolve(module);
  if (!existsSync(path)) throw new InvalidFlag("functions", `there is no file ${path}`);
  return path;
}
