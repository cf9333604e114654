import { FantailError } from "./errors.ts";
import { isRecord } from "./record.ts";

/**
 * The parts in which the codec wrote an object.
 *
 * @throws FantailError for what it never wrote
 */
export function partsOf(written: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(written)) return written;
  throw new FantailError(`not an encoded value: it holds ${typeof written} in the place of an object's parts`);
}

/** The same for a part that is an object. */
export function objectOf(part: unknown): object {
  if (typeof part === "object" && part !== null) return part;
  throw new FantailError(`not an encoded value: it holds ${typeof part} in the place of an object`);
}
