import { FantailError } from "../../lambdas/protocol/fantail-error.ts";

/**
 * Throws under Bun and Deno, for features that only Node itself supports.
 *
 * @param label the feature, as the message's first words
 * @param instead what to use there instead
 * @throws FantailError under Bun and Deno
 */
export function requireNode(label: string, instead: string): void {
  const runtime = process.versions.bun !== undefined ? "Bun" : "Deno" in globalThis ? "Deno" : undefined;
  if (runtime !== undefined)
    throw new FantailError(
      `${label} works on Node.js only, and this is ${runtime}: run the script with node, or ${instead}`,
    );
}
