import { Buffer } from "node:buffer";
import { InvalidFlag } from "../../../lambdas/protocol/errors.ts";

/** Lambda's limit on all variables of a function, names and values, in bytes. */
const ENVIRONMENT_BYTES = 4096;
/** Lambda's limit on a function's name. The names of the other resources are at most as long. */
const NAME_BYTES = 64;

/** Placeholder for a function's name in a value to be measured, as long as a name can be. */
export const LONGEST_NAME = "x".repeat(NAME_BYTES);

/** What to do if the list of pools is too long. */
export const FEWER_POOLS = "use fewer pools, shorter pool names or a smaller `burst`";

/**
 * Checks that variables fit into a function's environment. A value that is not a string stands for a name known only at
 * deployment, and counts as one of maximum length. For a name inside a string, use `LONGEST_NAME`.
 *
 * @throws InvalidFlag about `flag`
 */
export function checkEnvironmentSize(
  environment: Readonly<Record<string, unknown>>,
  flag: string,
  remedy = "remove or shorten some of them",
): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(environment))
    bytes += name.length + (typeof value === "string" ? Buffer.byteLength(value) : NAME_BYTES);
  if (bytes > ENVIRONMENT_BYTES)
    throw new InvalidFlag(
      flag,
      `takes up to ${bytes} bytes, but Lambda allows ${ENVIRONMENT_BYTES} for all variables together: ${remedy}`,
    );
}
