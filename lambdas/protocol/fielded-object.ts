import { copyItems } from "./named-fields.ts";
import { fieldsBeside, readFields, writeFields } from "./own-fields.ts";
import { isOfKind, isView, itemsOf, kindOf } from "./value-kind.ts";
import { objectOf, partsOf } from "./written-parts.ts";

/**
 * Keys of the parts of an encoded object: its kind, the object without own fields, the list of its non-enumerable
 * fields, and its own fields.
 */
const KIND = "\0kind";
const BARE = "";
const HIDDEN = "\0hidden";
const FIELDS = "\0fields";

/**
 * Splits an object that has fields beyond those of its kind into the bare object and these fields. Returns `undefined`
 * for any other object.
 */
export function reduceFielded(value: object, kind = kindOf(value)): Record<string, unknown> | undefined {
  const own = kind === undefined ? undefined : fieldsBeside(value, kind);
  if (kind === undefined || own === undefined) return undefined;
  const { fields, hidden } = writeFields(own);
  // The bare object comes before the fields, so that it exists when a cycle through the fields refers to it.
  return { [KIND]: kind, [BARE]: bare(value, kind), [HIDDEN]: hidden, [FIELDS]: fields };
}

/** The object without its own fields. */
function bare(value: object, kind: string): unknown {
  if (kind === "Object" || kind === "null") return null;
  if (isOfKind(value, kind, "Array")) {
    const copy: unknown[] = [];
    copyItems(value, copy);
    return copy;
  }
  if (isOfKind(value, kind, "Map")) return new Map(value);
  if (isOfKind(value, kind, "Set")) return new Set(value);
  if (isOfKind(value, kind, "RegExp")) return new RegExp(value.source, value.flags);
  if (isOfKind(value, kind, "URL")) return new URL(value.href);
  if (kind === "URLSearchParams") return new URLSearchParams(String(value));
  return isView(value, kind) ? bareView(value, kind) : structuredClone(value);
}

type ViewMaker = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

function bareView(view: ArrayBufferView<ArrayBuffer>, kind: string): unknown {
  const { buffer, byteOffset, byteLength } = view;
  if (kind === "Buffer") return Buffer.from(buffer, byteOffset, byteLength);
  const Maker: ViewMaker = Reflect.get(globalThis, kind);
  return new Maker(buffer, byteOffset, itemsOf(view));
}

/**
 * Makes a reviver for one decoding. The same plain object always gives the same object, so that an array may contain
 * itself.
 */
export function reviveFielded(): (value: unknown) => unknown {
  const made = new Map<unknown, object>();
  return (value) => {
    const parts = partsOf(value);
    const target = made.get(value) ?? blank(parts);
    made.set(value, target);
    fill(target, parts[BARE]);
    readFields(target, parts[FIELDS], parts[HIDDEN]);
    return target;
  };
}

/** The object to fill with items and fields. A container starts empty, because its items may refer back to it. */
function blank(parts: Readonly<Record<string, unknown>>): object {
  switch (parts[KIND]) {
    case "Object":
      return {};
    case "null":
      return Object.create(null);
    case "Array":
      return [];
    case "Map":
      return new Map();
    case "Set":
      return new Set();
    default:
      return objectOf(parts[BARE]);
  }
}

function fill(target: object, items: unknown): void {
  if (target === items || items === undefined || items === null) return;
  if (Array.isArray(target) && Array.isArray(items)) copyItems(items, target);
  else if (target instanceof Map && items instanceof Map) for (const [key, item] of items) target.set(key, item);
  else if (target instanceof Set && items instanceof Set) for (const item of items) target.add(item);
}
