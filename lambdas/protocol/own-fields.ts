import { isIndex, mayHaveNamedFields, namedFields } from "./named-fields.ts";
import { isRecord } from "./record.ts";
import { isList, isOfKind, kindOf } from "./value-kind.ts";

/** A field that an object has beyond those of its kind, such as `index` in the result of `match`. */
export interface OwnField {
  key: string;
  value: unknown;
  isEnumerable: boolean;
}

/**
 * An object's fields beyond those of its kind: named fields of an array, Map or Date, or `lastIndex` of a regular
 * expression. For a plain object with a non-enumerable field or one named `__proto__`, all its fields. `undefined` if
 * there are none.
 */
export function fieldsBeside(value: object, kind: string): OwnField[] | undefined {
  if (kind === "Object" || kind === "null") return isOrdinary(value) ? undefined : described(value, ownNames(value));
  const names = namesBeside(value, kind);
  return names.length === 0 ? undefined : described(value, names);
}

/** Whether all fields of a plain object are enumerable, and none is named `__proto__`. */
function isOrdinary(value: object): boolean {
  return Object.getOwnPropertyNames(value).length === Object.keys(value).length && !Object.hasOwn(value, "__proto__");
}

/** The first own field that hides a member of the object's class; not checked for plain objects and arrays. */
export function hidingField(value: object, kind: string): string | undefined {
  if (kind === "Object" || kind === "null" || kind === "Array") return undefined;
  const prototype: object = Object.getPrototypeOf(value);
  return namesBeside(value, kind).find((name) => name in prototype);
}

function namesBeside(value: object, kind: string): string[] {
  if (isList(value, kind)) return mayHaveNamedFields(value) ? namedFields(value) : [];
  const names = ownNames(value);
  if (isOfKind(value, kind, "RegExp")) {
    const { lastIndex } = value;
    return names.filter((name) => name !== "lastIndex" || lastIndex !== 0);
  }
  if (kind === "String")
    return names.filter((name) => name !== "length" && !(isIndex(name) && Number(name) < String(value).length));
  return names;
}

function ownNames(value: object): string[] {
  return Object.getOwnPropertyNames(value);
}

/** The fields with these names. A getter is replaced by its value. */
export function described(value: object, names: readonly string[]): OwnField[] {
  return names.map((key) => ({
    key,
    value: Reflect.get(value, key),
    isEnumerable: Object.prototype.propertyIsEnumerable.call(value, key),
  }));
}

/** The name of the first field that is a getter or setter; items of lists are not checked. */
export function accessorOf(value: object): string | undefined {
  const isListed = holdsItems(value);
  if (isListed && !mayHaveNamedFields(value)) return undefined;
  const names = isListed ? namedFields(value) : Object.getOwnPropertyNames(value);
  return names.find((key) => {
    const field = Object.getOwnPropertyDescriptor(value, key);
    return field?.get !== undefined || field?.set !== undefined;
  });
}

function holdsItems(value: object): value is object & ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && kindOf(value) !== "DataView");
}

/** The object's first own symbol key. */
export function ownSymbol(value: object): symbol | undefined {
  return Object.getOwnPropertySymbols(value)[0];
}

/** Whether a field must be encoded separately: it is not enumerable, or its name conflicts with the codec's keys. */
export function isOddField(value: object, key: string): boolean {
  return isOddName(key) || !Object.prototype.propertyIsEnumerable.call(value, key);
}

/** Whether the name is one of the codec's keys, or might be listed before them because it starts with a digit. */
export function isOddName(key: string): boolean {
  return key === "" || key === "__proto__" || key.startsWith(ESCAPE) || /^\d/.test(key);
}

/** Fields as a plain object whose keys the codec can write, and the names of the non-enumerable ones. */
export interface WrittenFields {
  fields: Record<string, unknown>;
  hidden: string[];
}

/** Prefix of a key that, without it, the codec would take for one of its own. */
const ESCAPE = "\0";

export function writeFields(own: readonly OwnField[]): WrittenFields {
  const fields: Record<string, unknown> = {};
  for (const { key, value } of own) fields[key === "__proto__" || key.startsWith(ESCAPE) ? ESCAPE + key : key] = value;
  return { fields, hidden: own.filter(({ isEnumerable }) => !isEnumerable).map(({ key }) => key) };
}

/**
 * Sets the written fields on an object. An object in a cycle may be revived before all its fields are decoded; a later
 * call then sets the rest.
 */
export function readFields(target: object, fields: unknown, hidden?: unknown): void {
  const unlisted = new Set<unknown>(Array.isArray(hidden) ? hidden : []);
  for (const [written, value] of Object.entries(isRecord(fields) ? fields : {})) {
    const key = written.startsWith(ESCAPE) ? written.slice(ESCAPE.length) : written;
    if (key === "lastIndex" && target instanceof RegExp) Reflect.set(target, key, value);
    else
      Object.defineProperty(target, key, {
        value,
        writable: true,
        configurable: true,
        enumerable: !unlisted.has(key),
      });
  }
}
