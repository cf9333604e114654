import { FantailError } from "./fantail-error.ts";
import { isRecord } from "./record.ts";

/**
 * The parts of an object that the codec wrote.
 *
 * @throws FantailError for anything else
 */
export function partsOf(written: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(written)) return written;
  throw new FantailError(`not an encoded value: it holds ${typeof written} instead of an object's parts`);
}

/**
 * Checks that a part is an object.
 *
 * @throws FantailError otherwise
 */
export function objectOf(part: unknown): object {
  if (typeof part === "object" && part !== null) return part;
  throw new FantailError(`not an encoded value: it holds ${typeof part} instead of an object`);
}
