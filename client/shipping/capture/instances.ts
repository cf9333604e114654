import { types } from "node:util";
import { hasSource } from "../functions/shippable-source.ts";
import { hasPrivateFields } from "../inspector/inner-values.ts";
import { scriptUrl } from "../inspector/script-catalog.ts";
import { builtinPlace } from "../packages/builtin-modules.ts";
import { isPlain } from "../values/value-shape.ts";
import { scriptOf } from "./function-origin.ts";

/**
 * Whether the object is an instance all of whose classes are the user's own, and all of whose fields can be read.
 *
 * @param ownScript a script of the user
 */
export function isOfOwnClass(value: object, ownScript: string | undefined): boolean {
  if (types.isProxy(value) || isPlain(value) || Object.prototype.toString.call(value) !== "[object Object]")
    return false;
  for (let at = prototypeOf(value); at !== null && prototypeOf(at) !== null; at = prototypeOf(at)) {
    const made: unknown = Object.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof made !== "function" || !hasSource(made) || builtinPlace(made)) return false;
    const script = scriptOf(made);
    // Asking V8 for another script's file costs up to 100 ms.
    if (script !== undefined && script !== ownScript && scriptUrl(script)?.startsWith("node:")) return false;
  }
  return !hasPrivateFields(value);
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value);
}
