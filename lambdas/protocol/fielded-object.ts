import { copyItems } from "./named-fields.ts";
import { fieldsBeside, readFields, type WrittenFields, writeFields } from "./own-fields.ts";
import { isViewKind, itemsOf, kindOf } from "./value-kind.ts";

/** Keys of an object that is written in two parts; those of its own fields stand in a part of their own. */
const KIND = "\0kind";
const BARE = "";
const HIDDEN = "\0hidden";
const FIELDS = "\0fields";

/** An object with fields beside what its kind is written with: as its kind, without them, and the fields. `undefined` for any other. */
export function reduceFielded(value: object, kind = kindOf(value)): Record<string, unknown> | undefined {
  const own = kind === undefined ? undefined : fieldsBeside(value, kind);
  if (kind === undefined || own === undefined) return undefined;
  const { fields, hidden } = writeFields(own);
  // In this order, so that a cycle through the fields finds the object made.
  return { [KIND]: kind, [BARE]: bare(value, kind), [HIDDEN]: hidden, [FIELDS]: fields };
}

/** The object without its own fields. */
function bare(value: object, kind: string): unknown {
  switch (kind) {
    case "Object":
    case "null":
      return null;
    case "Array": {
      const copy: unknown[] = [];
      copyItems(value as unknown[], copy);
      return copy;
    }
    case "Map":
      return new Map(value as Map<unknown, unknown>);
    case "Set":
      return new Set(value as Set<unknown>);
    case "RegExp":
      return new RegExp((value as RegExp).source, (value as RegExp).flags);
    case "URL":
      return new URL((value as URL).href);
    case "URLSearchParams":
      return new URLSearchParams(String(value));
    default:
      return isViewKind(kind) ? bareView(value as ArrayBufferView<ArrayBuffer>, kind) : structuredClone(value);
  }
}

type ViewMaker = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

function bareView(view: ArrayBufferView<ArrayBuffer>, kind: string): unknown {
  const { buffer, byteOffset, byteLength } = view;
  if (kind === "Buffer") return Buffer.from(buffer, byteOffset, byteLength);
  const Maker = Reflect.get(globalThis, kind) as ViewMaker;
  return new Maker(buffer, byteOffset, itemsOf(view));
}

/**
 * A reviver for one decoding: the same plain object gives the same object, also when it is met again while it is being
 * filled, as for an array that holds itself.
 */
export function reviveFielded(): (value: unknown) => unknown {
  const made = new Map<unknown, object>();
  return (value) => {
    const parts = value as Record<string, unknown>;
    const target = made.get(value) ?? blank(parts);
    made.set(value, target);
    fill(target, parts[BARE]);
    readFields(target, { fields: parts[FIELDS], hidden: parts[HIDDEN] } as Partial<WrittenFields>);
    return target;
  };
}

/** What items and fields go into: of containers a new one, as their items may lead back to it. */
function blank(parts: Record<string, unknown>): object {
  switch (parts[KIND]) {
    case "Object":
      return {};
    case "null":
      return Object.create(null) as object;
    case "Array":
      return [];
    case "Map":
      return new Map();
    case "Set":
      return new Set();
    default:
      return parts[BARE] as object;
  }
}

function fill(target: object, items: unknown): void {
  if (target === items || items === undefined || items === null) return;
  if (Array.isArray(target)) copyItems(items as unknown[], target);
  else if (target instanceof Map) for (const [key, item] of items as Map<unknown, unknown>) target.set(key, item);
  else if (target instanceof Set) for (const item of items as Set<unknown>) target.add(item);
}
