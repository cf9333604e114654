import { types } from "node:util";

/** Returns the code that accesses a field, as a user would write it: `.name` or `["some-name"]`. */
export function member(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Whether the value is a plain object, of this realm or another, or has no prototype. */
export function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

/** Whether the value is a module namespace, or a compiler's substitute for one. */
export function isNamespace(value: object): boolean {
  return types.isModuleNamespaceObject(value) || Object.hasOwn(value, "__esModule");
}

/** Whether sending the object as data, and the functions in it as the user's own, would lose nothing. */
export function isPlainData(value: object, isOwn: (fn: object) => boolean, seen = new Set<object>()): boolean {
  if (seen.has(value)) return true;
  seen.add(value);
  if (!Array.isArray(value) && !isPlain(value)) {
    return [Date, RegExp, Map, Set].some((kind) => value instanceof kind) || ArrayBuffer.isView(value);
  }
  const items: unknown[] = Object.values(value);
  return items.every((item) => {
    if (typeof item === "function") return isOwn(item);
    return typeof item !== "object" || item === null || isPlainData(item, isOwn, seen);
  });
}

/** Describes the kind of data in a few words. */
export function describeData(value: unknown): string {
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return ArrayBuffer.isView(value)
    ? `${value.constructor.name} of ${value.byteLength} bytes`
    : (value.constructor?.name ?? "object");
}
