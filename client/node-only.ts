import { FantailError } from "../lambdas/protocol/errors.ts";

/**
 * Refuses what needs Node itself, in runtimes that only look like it.
 *
 * @param what as it begins the message
 * @param instead what can be done there
 * @throws FantailError under Bun and Deno
 */
export function requireNode(what: string, instead: string): void {
  const runtime = process.versions.bun !== undefined ? "Bun" : "Deno" in globalThis ? "Deno" : undefined;
  if (runtime !== undefined)
    throw new FantailError(
      `${what} works on Node.js only, and this is ${runtime}: run the script with node, or ${instead}`,
    );
}
