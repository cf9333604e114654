import { FantailError } from "../../lambdas/protocol/fantail-error.ts";

/**
 * Throws under Bun and Deno, for features that work only on Node.
 *
 * @param label the feature, as the message's first words
 * @param instead an alternative that works there
 * @throws FantailError under Bun and Deno
 */
export function requireNode(label: string, instead: string): void {
  const runtime = process.versions.bun !== undefined ? "Bun" : "Deno" in globalThis ? "Deno" : undefined;
  if (runtime !== undefined)
    throw new FantailError(
      `${label} works only on Node.js, not on ${runtime}: run the script with node, or ${instead}`,
    );
}
