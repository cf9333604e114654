import { Buffer } from "node:buffer";
import { Token } from "aws-cdk-lib";
import { InvalidFlag } from "../lambdas/protocol/errors.ts";

/** What Lambda allows for all variables of a function, names and values, in bytes. */
const ENVIRONMENT_BYTES = 4096;
/** Longest name that Lambda gives a function; other names of resources are no longer. */
const NAME_BYTES = 64;

/** Stands for the name of a function in a value that is measured. */
export const LONGEST_NAME = "x".repeat(NAME_BYTES);

/**
 * Checks that variables fit into a function's environment. Names that only a deployment knows count
 * with their longest: inside of a value, let `LONGEST_NAME` stand for them.
 *
 * @throws InvalidFlag about `flag`
 */
export function checkEnvironmentSize(environment: Record<string, string>, flag: string): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(environment))
    bytes += name.length + (Token.isUnresolved(value) ? NAME_BYTES : Buffer.byteLength(value));
  if (bytes > ENVIRONMENT_BYTES)
    throw new InvalidFlag(flag, `takes up to ${bytes} bytes, and Lambda allows ${ENVIRONMENT_BYTES} for all variables`);
}
