import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import type { FunctionLocation } from "../inspector/function-location.ts";
import { isFunctionStrict } from "../origins/script-mode.ts";
import type { FunctionSource } from "../source/function-source.ts";

const UNKNOWN_MODE =
  'was made by eval, so it is unknown whether strict mode holds for it: begin the evaluated text with "use strict"';

/**
 * Whether the function must be evaluated in strict mode on the engine, as it was here.
 *
 * @param location the function's location according to V8; undefined without an inspector
 * @throws CaptureError if the mode matters and cannot be determined
 */
export function isStrict(
  fn: object,
  source: FunctionSource,
  location: FunctionLocation | undefined,
  path: string,
): boolean {
  if (source.mode === "sloppy") return false;
  // Only sloppy functions have `caller` as an own property.
  if (source.mode === "shown") return !Object.hasOwn(fn, "caller");
  if (source.mode !== "surroundings") return true;
  // Without a location the mode is unknown. Assume strict mode, as for nearly all code.
  if (!location) return true;
  const isStrictThere = isFunctionStrict(location, source);
  if (isStrictThere === undefined) throw new CaptureError(path, UNKNOWN_MODE);
  return isStrictThere;
}
