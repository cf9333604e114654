import { classOf } from "../../lambdas/protocol/class-registry.ts";
import type { Capture } from "./capture.ts";

/**
 * The data of a unit: `[values]`, or `[values, stands]` where functions were met inside data. A stand is an
 * empty object in the place of a function; the codec keeps which objects are the same, so the engine
 * finds each stand where it was and puts the function back.
 */
export function dataWithStands(capture: Capture): unknown {
  if (capture.stands.size === 0) return capture.values.length === 0 ? undefined : [capture.values];
  const copies = new Map<unknown, unknown>();
  const stands = Array.from(capture.stands.keys(), (value) => {
    const stand = {};
    copies.set(value, stand);
    return stand;
  });
  return [copyOf(capture.values, copies), stands];
}

/** A copy of plain containers with the stands in; all else is shared with the original. */
function copyOf(value: unknown, copies: Map<unknown, unknown>): unknown {
  if (copies.has(value)) return copies.get(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = new Array(value.length);
    copies.set(value, copy);
    for (const at of value.keys()) if (at in value) copy[at] = copyOf(value[at], copies);
    return copy;
  }
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    copies.set(value, copy);
    for (const [key, item] of value) copy.set(copyOf(key, copies), copyOf(item, copies));
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set<unknown>();
    copies.set(value, copy);
    for (const item of value) copy.add(copyOf(item, copies));
    return copy;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Object.prototype.toString.call(value) !== "[object Object]") return value;
  const registered = classOf(value);
  if (registered?.serialize) return value;
  const parent = registered ? registered.made.prototype : prototype === null ? null : Object.prototype;
  const copy = Object.create(parent) as Record<string, unknown>;
  copies.set(value, copy);
  for (const key of Object.keys(value)) copy[key] = copyOf((value as Record<string, unknown>)[key], copies);
  return copy;
}
