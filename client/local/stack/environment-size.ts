import { Buffer } from "node:buffer";
import { InvalidFlag } from "../../../lambdas/protocol/errors.ts";

/** What Lambda allows for all variables of a function, names and values, in bytes. */
const ENVIRONMENT_BYTES = 4096;
/** Longest name that Lambda gives a function; other names of resources are no longer. */
const NAME_BYTES = 64;

/** Stands for the name of a function in a value that is measured. */
export const LONGEST_NAME = "x".repeat(NAME_BYTES);

/**
 * Checks that variables fit into a function's environment. A value that is no string is a name that only a deployment knows, and counts
 * with its longest: inside of a value, let `LONGEST_NAME` stand for it.
 *
 * @throws InvalidFlag about `flag`
 */
export function checkEnvironmentSize(environment: Readonly<Record<string, unknown>>, flag: string): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(environment))
    bytes += name.length + (typeof value === "string" ? Buffer.byteLength(value) : NAME_BYTES);
  if (bytes > ENVIRONMENT_BYTES)
    throw new InvalidFlag(
      flag,
      `takes up to ${bytes} bytes, but Lambda allows ${ENVIRONMENT_BYTES} for all variables together`,
    );
}
