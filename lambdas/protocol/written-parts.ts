import { FantailError } from "./fantail-error.ts";
import { isRecord } from "./record.ts";

/** The error for a value that the codec cannot have written in this form. */
export function damagedValue(fault: string): FantailError {
  return new FantailError(`an encoded value is damaged, or was written by another version of fantail: ${fault}`);
}

/**
 * The parts of an object that the codec wrote.
 *
 * @throws FantailError if the codec did not write it
 */
export function partsOf(written: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(written)) return written;
  throw damagedValue(`it holds ${kindOf(written)} instead of an object's parts`);
}

/**
 * Checks that a part is an object.
 *
 * @throws FantailError if it is not
 */
export function objectOf(part: unknown): object {
  if (typeof part === "object" && part !== null) return part;
  throw damagedValue(`it holds ${kindOf(part)} instead of an object`);
}

function kindOf(written: unknown): string {
  if (written === null) return "null";
  return Array.isArray(written) ? "a list" : typeof written;
}
