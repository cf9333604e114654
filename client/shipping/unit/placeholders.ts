import { types } from "node:util";
import { classOf } from "../../../lambdas/protocol/class-registry.ts";
import { copyItems } from "../../../lambdas/protocol/named-fields.ts";
import { heldIndexes } from "../values/array-fields.ts";
import type { UnitParts } from "./unit-parts.ts";

/**
 * Returns the data of a unit: `[values]`, or `[values, placeholders]` if there are functions inside data. Undefined if
 * there are no values.
 *
 * A placeholder is an empty object in place of a function or other code. The codec preserves object identity, so the
 * engine finds each placeholder and puts the code back. A third item lists locked objects, by kind of lock.
 */
export function dataWithPlaceholders(unit: UnitParts): unknown {
  const locked = LOCKS.map((lock) => [...unit.locks].flatMap(([value, its]) => (its === lock ? [value] : [])));
  const isLocked = unit.locks.size > 0;
  if (unit.placeholders.size === 0) {
    if (isLocked) return [unit.values, [], locked];
    return unit.values.length === 0 ? undefined : [unit.values];
  }
  const copies = new Map<unknown, unknown>();
  const placeholders = Array.from(unit.placeholders.keys(), (value) => {
    const placeholder = {};
    copies.set(value, placeholder);
    return placeholder;
  });
  const data = [copyOf(unit.values, copies), placeholders];
  return isLocked ? [...data, copyOf(locked, copies)] : data;
}

const OPEN = { writable: true, enumerable: true, configurable: true };

/** The kinds of locks, in the order in which `restore` on the engine expects their lists. */
const LOCKS = ["freeze", "seal", "preventExtensions"] as const;

/**
 * Copies arrays, Maps, Sets, plain objects, errors, and instances of registered classes without a `serialize`, and
 * inserts the placeholders. Everything else is shared with the original.
 */
function copyOf(value: unknown, copies: Map<unknown, unknown>): unknown {
  if (copies.has(value)) return copies.get(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    copyItems(value, copy);
    copies.set(value, copy);
    for (const at of heldIndexes(value)) copy[at] = copyOf(value[at], copies);
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
  const prototype: object | null = Object.getPrototypeOf(value);
  if (types.isNativeError(value) && !classOf(value)?.serialize) {
    const copy: object = Object.create(prototype);
    copies.set(value, copy);
    for (const [key, field] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      const held = copyOf(Reflect.get(value, key), copies);
      Object.defineProperty(copy, key, { ...OPEN, value: held, enumerable: field.enumerable === true });
    }
    return copy;
  }
  if (Object.prototype.toString.call(value) !== "[object Object]") return value;
  const registered = classOf(value);
  if (registered?.serialize) return value;
  const parent = registered ? registered.made.prototype : prototype === null ? null : Object.prototype;
  const copy: object = Object.create(parent);
  copies.set(value, copy);
  for (const key of Object.keys(value)) {
    const field = copyOf(Reflect.get(value, key), copies);
    // Define the property: assigning `__proto__` would set the prototype.
    Object.defineProperty(copy, key, { ...OPEN, value: field });
  }
  return copy;
}
