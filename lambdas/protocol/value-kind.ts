/** Kinds that are views of a buffer. */
const VIEWS = new Set(
  "Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Float16Array Int32Array Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array Buffer DataView".split(
    " ",
  ),
);

const KINDS = new Set([
  ..."Array Map Set Date RegExp URL URLSearchParams Number String Boolean BigInt ArrayBuffer".split(" "),
  ...VIEWS,
]);

/**
 * The kind of an object for the codec: `Object` and `null` are plain objects with and without a prototype, the others
 * are named after the built-in class that made them. `undefined`: an instance of another class, which has no encoding
 * of its own.
 */
export function kindOf(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return "Object";
  if (prototype === Array.prototype && Array.isArray(value)) return "Array";
  if (typeof prototype !== "object" || prototype === null) return prototype === null ? "null" : undefined;
  if (prototype === Buffer.prototype) return "Buffer";
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (KINDS.has(tag)) return isOfClass(value, tag) ? tag : undefined;
  const isPlainElsewhere = Object.getPrototypeOf(prototype) === null && isOfClass(value, "Object");
  return isPlainElsewhere ? "Object" : undefined;
}

/**
 * Whether the object was made by the built-in class of that name itself, in this realm or another, not by a subclass or
 * a namesake.
 */
export function isOfClass(value: object, name: string): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null || !Object.hasOwn(prototype, "constructor")) return false;
  const maker: unknown = prototype.constructor;
  if (typeof maker !== "function" || maker.name !== name || maker.prototype !== prototype) return false;
  return (
    maker === Reflect.get(globalThis, name) || Function.prototype.toString.call(maker).endsWith("{ [native code] }")
  );
}

/** Whether objects of the kind are views of a buffer. */
function isViewKind(kind: string): boolean {
  return VIEWS.has(kind);
}

/** Number of items of a typed array; of a DataView, its bytes. */
export function itemsOf(view: ArrayBufferView): number {
  return isList(view, kindOf(view)) ? view.length : view.byteLength;
}

/** The TypeScript types of objects of some kinds. */
interface KindTypes {
  Array: unknown[];
  Map: Map<unknown, unknown>;
  Set: Set<unknown>;
  RegExp: RegExp;
  URL: URL;
  ArrayBuffer: ArrayBuffer;
}

/** Whether the kind found for an object is the given one. */
export function isOfKind<Kind extends keyof KindTypes>(
  value: object,
  kind: string | undefined,
  asked: Kind,
): value is KindTypes[Kind] {
  return kind === asked;
}

/** Whether an object of this kind is a view of a buffer. */
export function isView(value: object, kind: string): value is ArrayBufferView<ArrayBuffer> {
  return isViewKind(kind);
}

/**
 * Whether an object of this kind is an array or typed array. A DataView is neither, and may have a field named
 * `length`.
 */
export function isList(value: object, kind: string | undefined): value is object & ArrayLike<unknown> {
  return kind === "Array" || (kind !== undefined && kind !== "DataView" && isViewKind(kind));
}
