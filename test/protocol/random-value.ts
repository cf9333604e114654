import * as fc from "fast-check";

/** One object of a random value: its kind, and fields that refer to primitives or to any object of the value. */
interface Part {
  kind: number;
  seed: number;
  fields: { key: string; to: number; primitive: number; isHidden: boolean }[];
}

const KEYS =
  "a,b,c,__proto__,0,1,7,length,constructor,index,groups,lastIndex,name,message,cause,then,toJSON,\0kind,\0fields,\0class,4294967295,-1,valueOf,,é".split(
    ",",
  );

const PRIMITIVES: readonly unknown[] = [
  0,
  -0,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  1.5,
  "",
  "text",
  "a\ud800b",
  "__proto__",
  true,
  null,
  undefined,
  2n ** 70n,
  "J[1]",
];

class Own {
  x = 1;
}
class OwnList extends Array<unknown> {}
class OwnMap extends Map<unknown, unknown> {}

/** Objects that the codec accepts, by kind. Those on buffers share a few buffers. */
const TAKEN: readonly ((seed: number, buffers: readonly ArrayBuffer[]) => object)[] = [
  () => ({}),
  () => ({}),
  () => [],
  () => [],
  () => Object.create(null) as object,
  (seed) => Object.assign([], { length: seed % 5 }),
  (seed) => Object.assign([], { length: 3_000_000_000 + seed }),
  () => new Map(),
  () => new Set(),
  (seed) => new Date(seed % 3 === 0 ? Number.NaN : seed * 1e8),
  (seed) => Object.assign(/a(?<n>b)?/gy, { lastIndex: seed % 3 }),
  (seed) => Object([1, "boxed", true, 3n, -0][seed % 5]) as object,
  (seed) => new URL(`https://example.org/${seed}?a=b#c`),
  (seed) => new URLSearchParams({ a: String(seed) }),
  () => new Error("plain"),
  () => new RangeError("far", { cause: { at: 1n } }),
  () => new AggregateError([new TypeError("one"), "two"], "both"),
  (seed, buffers) => new Uint8Array(buffer(buffers, seed), seed % 24, seed % 8),
  (seed, buffers) => new Float64Array(buffer(buffers, seed), (seed % 3) * 8, 1 + (seed % 2)),
  (seed, buffers) => new DataView(buffer(buffers, seed), seed % 20, seed % 12),
  (seed, buffers) => Buffer.from(buffer(buffers, seed), seed % 30, seed % 2),
  (seed, buffers) => buffer(buffers, seed),
  (seed) => Buffer.alloc(seed % 9_000, 7),
  () => [..."k1=v1".matchAll(/(?<key>\w)(\d)/g)][0] ?? [],
  () => Object.freeze({ frozen: [1] }),
];

/** Objects that the codec refuses. */
const REFUSED: readonly ((seed: number, buffers: readonly ArrayBuffer[]) => unknown)[] = [
  () => Symbol("s"),
  () => () => 1,
  () => new Own(),
  () => new OwnList(),
  () => new OwnMap(),
  () => new SharedArrayBuffer(4),
  () => new Uint8Array(new SharedArrayBuffer(4)),
  () => Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]) as ArrayBuffer,
  () => ({ [Symbol("k")]: 1 }),
  () => Object.assign([1], { [Symbol("k")]: 1 }),
  () => Object.defineProperty({}, "a", { get: () => 1, enumerable: true }),
  () => Object.defineProperty([1], "total", { get: () => 1 }),
  () => Object.create({ inherited: 1 }) as object,
  () => Object.create(Object.create(null) as object) as object,
  () => new WeakMap(),
  () => Promise.resolve(1),
  () => [1][Symbol.iterator](),
];

function buffer(buffers: readonly ArrayBuffer[], seed: number): ArrayBuffer {
  return buffers[seed % buffers.length] ?? new ArrayBuffer(32);
}

/**
 * A random value of up to eight objects that refer to each other, cycles included, and whether it contains refused
 * ones.
 */
export const randomValue: fc.Arbitrary<{ value: unknown; isRefused: boolean }> = fc
  .record({
    parts: fc.array(
      fc.record({
        kind: fc.nat(TAKEN.length - 1),
        seed: fc.nat(1000),
        fields: fc.array(
          fc.record({
            key: fc.constantFrom(...KEYS),
            to: fc.nat(12),
            primitive: fc.nat(PRIMITIVES.length - 1),
            isHidden: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
          }),
          { maxLength: 4 },
        ),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    refused: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.nat(REFUSED.length - 1)),
  })
  .map(({ parts, refused }) => build(parts, refused));

function build(parts: readonly Part[], refused: number | null): { value: unknown; isRefused: boolean } {
  const buffers = [new ArrayBuffer(32), new Uint8Array(40).fill(3).buffer, new Uint8Array(9_000).fill(5).buffer];
  const objects: unknown[] = parts.map(({ kind, seed }) => TAKEN[kind]?.(seed, buffers));
  // Attach it to the root, since the codec ignores unreachable values.
  if (refused !== null) objects.push(REFUSED[refused]?.(1, buffers));
  for (const [at, { fields }] of parts.entries()) {
    const target = objects[at];
    for (const { key, to, primitive, isHidden } of fields)
      put(target, key, to < objects.length ? objects[to] : PRIMITIVES[primitive], isHidden);
  }
  return { value: refused === null ? objects[0] : [objects[0], { deep: objects.at(-1) }], isRefused: refused !== null };
}

function put(target: unknown, key: string, value: unknown, isHidden: boolean): void {
  if (target instanceof Map) target.set(isHidden ? value : key, value);
  else if (target instanceof Set) target.add(value);
  if (typeof target !== "object" || target === null || target instanceof ArrayBuffer) return;
  if (!Object.isExtensible(target) || (ArrayBuffer.isView(target) && !Number.isNaN(Number(key || "x")))) return;
  if (!isOpen(target) && key in target) return;
  // V8 converts these to text when the stack is read, and fails on a cycle.
  if (target instanceof Error && ["name", "message"].includes(key) && typeof value === "object") return;
  const known = Object.getOwnPropertyDescriptor(target, key);
  if (known && !known.configurable) return;
  // Array items always come back enumerable; non-enumerable fields of errors and long typed arrays are not sent.
  const isListed =
    !isHidden || target instanceof Error || ArrayBuffer.isView(target) || (Array.isArray(target) && /^\d+$/.test(key));
  Object.defineProperty(target, key, { value, enumerable: isListed, writable: true, configurable: true });
}

/** Whether fields may hide inherited members. */
function isOpen(target: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(target);
  return prototype === null || prototype === Object.prototype || Array.isArray(target) || target instanceof Error;
}
