import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import type { FunctionPlace } from "../inspector/session.ts";
import { isStrictPlace } from "../origins/script-mode.ts";
import type { FunctionSource } from "../source/function-source.ts";

const UNKNOWN_MODE =
  'was made by eval, which does not tell whether strict mode holds for it: begin the evaluated text with "use strict"';

/**
 * Whether a function is evaluated in strict mode on the engine, as it was here.
 *
 * @param place where V8 says that it stands; undefined where there is no inspector to ask
 * @throws CaptureError where that makes a difference and cannot be told
 */
export function isStrict(fn: object, source: FunctionSource, place: FunctionPlace | undefined, path: string): boolean {
  if (source.mode === "sloppy") return false;
  // A sloppy function, and no other, has this property of its own.
  if (source.mode === "shown") return !Object.hasOwn(fn, "caller");
  if (source.mode !== "surroundings") return true;
  // Nobody tells; nearly all code is strict.
  if (!place) return true;
  const isStrictThere = isStrictPlace(place, source);
  if (isStrictThere === undefined) throw new CaptureError(path, UNKNOWN_MODE);
  return isStrictThere;
}
