import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import type { FunctionPlace } from "../inspector/place.ts";
import { isStrictPlace } from "../origins/script-mode.ts";
import type { FunctionSource } from "../source/function-source.ts";

const UNKNOWN_MODE =
  'was made by eval, so it is unknown whether strict mode holds for it: begin the evaluated text with "use strict"';

/**
 * Whether the function must be evaluated in strict mode on the engine, as it was here.
 *
 * @param place the function's place according to V8; undefined without an inspector
 * @throws CaptureError if the mode matters and cannot be determined
 */
export function isStrict(fn: object, source: FunctionSource, place: FunctionPlace | undefined, path: string): boolean {
  if (source.mode === "sloppy") return false;
  // Only sloppy functions have `caller` as an own property.
  if (source.mode === "shown") return !Object.hasOwn(fn, "caller");
  if (source.mode !== "surroundings") return true;
  // Without a place the mode is unknown. Assume strict mode, as for nearly all code.
  if (!place) return true;
  const isStrictThere = isStrictPlace(place, source);
  if (isStrictThere === undefined) throw new CaptureError(path, UNKNOWN_MODE);
  return isStrictThere;
}
