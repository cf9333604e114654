import * as v from "valibot";
import { EncodedValue, FunctionReference } from "./function-reference.ts";
import { NAME_CHARS } from "./reference.ts";
import { bodyCodec } from "./row-body.ts";

/** The name of a pushed value. */
export const ValueName = v.pipe(v.string(), v.minLength(1), v.maxLength(NAME_CHARS));

/** A pushed value, on the wire and in storage: a function by its code, anything else encoded. */
export const NamedValue = v.union([EncodedValue, v.strictObject({ fn: FunctionReference })]);
export type NamedValue = v.InferOutput<typeof NamedValue>;

export const namedValueRow = bodyCodec(NamedValue);

/** Whether the value is a function. */
export function isNamedFunction(value: NamedValue): value is { fn: FunctionReference } {
  return typeof value !== "string" && "fn" in value;
}
