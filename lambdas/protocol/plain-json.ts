import { mayHaveNamedFields } from "./named-fields.ts";

/**
 * Whether `JSON.parse(JSON.stringify(value))` gives the same value: no undefined, -0, NaN, holes, class instances,
 * getters, non-enumerable fields or named fields of arrays, and no object that is reachable twice.
 *
 * Takes a few nanoseconds for short lists of numbers and strings, which most argument lists are: the set of seen
 * objects is created only if objects are nested.
 */
export function isPlainJson(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return isPlainPrimitive(value);
  return isPlainObject(value, undefined);
}

/** Whether the value is a primitive that JSON can represent. */
export function isPlainPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !(value === 0 && 1 / value < 0);
    default:
      return value === null;
  }
}

function isPlainObject(value: object, ancestors: Set<object> | undefined): boolean {
  let seen = ancestors;
  const prototype = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    if (prototype !== Array.prototype) return false;
    for (let at = 0; at < value.length; at++) {
      const item: unknown = value[at];
      if (typeof item !== "object" || item === null) {
        if (!isPlainPrimitive(item)) return false;
        continue;
      }
      seen ??= new Set([value]);
      if (seen.has(item)) return false;
      seen.add(item);
      if (!isPlainObject(item, seen)) return false;
    }
    return !mayHaveNamedFields(value);
  }
  if (prototype !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return false;
  const keys = Object.keys(value);
  if (Object.getOwnPropertyNames(value).length !== keys.length) return false;
  for (const key of keys) {
    const field = Object.getOwnPropertyDescriptor(value, key);
    if (field === undefined || field.get !== undefined || field.set !== undefined) return false;
    const item: unknown = field.value;
    if (typeof item !== "object" || item === null) {
      if (!isPlainPrimitive(item)) return false;
      continue;
    }
    seen ??= new Set([value]);
    if (seen.has(item)) return false;
    seen.add(item);
    if (!isPlainObject(item, seen)) return false;
  }
  return true;
}
