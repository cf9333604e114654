import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { OwnScheme } from "../../../lambdas/protocol/cluster-settings.ts";
import { InvalidFlag } from "../../../lambdas/protocol/errors.ts";

/**
 * Returns the path of the module with the user's scheme.
 *
 * @throws InvalidFlag if there is no such file
 */
export function schemePath({ entry }: OwnScheme): string {
  const path = resolve(entry);
  if (!existsSync(path)) throw new InvalidFlag("scheme", `file not found: ${path}`);
  return path;
}
