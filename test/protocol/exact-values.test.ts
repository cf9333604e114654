import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CodecError } from "../../lambdas/protocol/errors.ts";
import { randomValue } from "./random-value.ts";
import { difference } from "./same-shape.ts";

const RUNS = Number(process.env.FANTAIL_VALUE_RUNS ?? 1_000);

/** Encodes and decodes a value. Returns where it differs, or the path of its refusal. */
function roundTrip(value: unknown): { differs: string | undefined } | { refused: string } {
  let encoded: string | Uint8Array;
  try {
    encoded = encodeValue(value, "value");
  } catch (error) {
    if (error instanceof CodecError) return { refused: error.path };
    throw error;
  }
  return { differs: difference(value, decodeValue(encoded)) };
}

describe("a value is the same on the other side, keys, holes and sharing included", () => {
  test(`a value is the same on the other side, or refused by its path: ${RUNS} random values`, () => {
    let taken = 0;
    fc.assert(
      fc.property(randomValue, ({ value, isRefused }) => {
        const end = roundTrip(value);
        if (isRefused) expect(end).toEqual({ refused: expect.stringMatching(/^value\[1\]\.deep|^value\[0\]/) });
        else expect(end).toEqual({ differs: undefined });
        if ("differs" in end) taken++;
      }),
      { numRuns: RUNS },
    );
    expect(taken).toBeGreaterThan(RUNS / 2);
  }, 600_000);

  const cyclic = Object.assign([1, 2], { total: 3 }) as unknown[] & { self?: unknown };
  cyclic.self = { inner: [cyclic] };
  cyclic.push(cyclic);
  const withMap = new Map<unknown, unknown>();
  withMap.set("me", Object.assign(withMap, { note: [withMap] }));
  const bytes = Uint8Array.from({ length: 32 }, (_, at) => at);
  const large = new Uint8Array(100_000).map((_, at) => at);
  const hidden = Object.defineProperty({ shown: 1 }, "hidden", { value: { deep: 2n } });
  const punched: unknown[] = [1];
  punched[2] = 3;
  const sparse: unknown[] = [];
  sparse[3_000_000_000] = "far";
  test.each<[string, unknown]>([
    ["the result of match", "abc".match(/b(?<c>.)/)],
    ["the results of matchAll", [..."k1=v1 k2=v2".matchAll(/(?<key>\w+)=(?<value>\w+)/g)]],
    ["the texts of a template", ((texts: TemplateStringsArray, _: number) => texts)`a${1}\n`],
    ["an array with a sum beside it", Object.assign([1, 2], { total: 3 })],
    [
      "a long array with a sum beside it",
      Object.assign(
        Array.from({ length: 5_000 }, (_, at) => at),
        { total: 3 },
      ),
    ],
    ["a sparse array with a field", Object.assign(punched, { total: 3 })],
    ["an array indexed by a 32-bit id", sparse],
    ["a sparse array with an extra field", Object.assign([], sparse, { total: 1 })],
    ["an array of holes only", new Array(20_000)],
    ["an array that contains itself, also in its fields", cyclic],
    ["a Map that contains itself, with a field", withMap],
    ["a Set with a field", Object.assign(new Set([1]), { label: "one" })],
    [
      "a Date and a URL with a field",
      [Object.assign(new Date(0), { zone: "CET" }), Object.assign(new URL("http://a"), { n: 1 })],
    ],
    ["a regular expression that has matched", Object.assign(/a/g, { lastIndex: 3 })],
    ["boxed primitives with fields", [Object.assign(Object(-0) as object, { unit: "m" }), Object("text"), Object(2n)]],
    [
      "typed arrays with fields",
      [Object.assign(new Float32Array(2), { scale: 2 }), Object.assign(Buffer.from("a"), { n: 1 })],
    ],
    ["a long typed array with a field", Object.assign(new Uint8Array(5_000), { scale: 2 })],
    ["a field named __proto__", [JSON.parse('{"a":1,"__proto__":{"x":[1]},"b":2}'), undefined]],
    ["a field that is not listed", hidden],
    ["two views of one buffer", [bytes.subarray(0, 8), new Float64Array(bytes.buffer, 8, 1), bytes.subarray(4, 20)]],
    ["a buffer and a view of it", [new DataView(bytes.buffer, 4, 4), bytes.buffer]],
    ["two views of a large buffer", [large.subarray(10, 40_000), large.subarray(30_000, 90_000)]],
    ["slices of Node's pool", [Buffer.from("one"), Buffer.from("two")]],
    ["an error with a name of its own", Object.assign(new Error("e"), { name: "Mine", "": 1, "\0class": 2 })],
  ])("a value is decoded unchanged: %s", (_, value) => {
    expect(roundTrip(value)).toEqual({ differs: undefined });
  });

  test("a value arrives equal, except that frozen objects become mutable", () => {
    const back = decodeValue(encodeValue(Object.freeze({ list: Object.freeze([1]) }), "value")) as { list: number[] };
    back.list.push(2);
    expect(back).toEqual({ list: [1, 2] });
  });

  test("distant views of a large buffer are sent without the bytes between them", () => {
    const far = new Uint8Array(50_000_000);
    const value = [far.subarray(0, 4), far.subarray(2, 6), far.subarray(49_000_000, 49_000_004)] as const;
    const encoded = encodeValue(value, "value");
    expect(encoded.length).toBeLessThan(500);
    const [a, b, c] = decodeValue(encoded) as Uint8Array[];
    expect(b?.buffer).toBe(a?.buffer);
    expect(c?.buffer.byteLength).toBeLessThan(16);
  });

  test("bytes between the views of one buffer do not travel", () => {
    const secret = Uint8Array.from({ length: 64 }, () => 42);
    const [a, b] = decodeValue(encodeValue([secret.subarray(0, 8), secret.subarray(56, 64)], "value")) as Uint8Array[];
    expect(a?.buffer).toBe(b?.buffer);
    expect(new Uint8Array(a?.buffer ?? new ArrayBuffer(0)).filter((byte) => byte === 42).length).toBe(16);
  });
});

describe("values that would not arrive equal are refused, with their path", () => {
  class Sized extends Uint8Array {}
  class List extends Array<number> {}
  const Namesake = Object.defineProperty(class extends Map<string, number> {}, "name", { value: "Map" });
  const resizable = () => Reflect.construct(ArrayBuffer, [1, { maxByteLength: 2 }]) as ArrayBuffer;
  const given = new Function("return arguments") as (...args: unknown[]) => unknown;
  test.each<[string, unknown, string, RegExp]>([
    [
      "a getter",
      [
        {
          get a() {
            throw new Error("never called");
          },
        },
      ],
      "args[0]",
      /getter.*"a".*its value/,
    ],
    ["a getter of an array", [Object.defineProperty([1], "sum", { get: () => 1 })], "args[0]", /getter.*"sum"/],
    ["a function among an array's fields", [Object.assign([1], { run: () => 1 })], "args[0].run", /function/],
    [
      "a function deep in a Map's field",
      [Object.assign(new Map(), { a: [{ b: () => 1 }] })],
      "args[0].a[0].b",
      /function/,
    ],
    [
      "a function in a hidden field's neighbour",
      [Object.defineProperty({ f: () => 1 }, "h", { value: 1 })],
      "args[0].f",
      /function/,
    ],
    ["a function behind __proto__", [{ x: undefined, ["__proto__"]: () => 1 }], "args[0].__proto__", /function/],
    ["a symbol for a key of an array", [Object.assign([1], { [Symbol("k")]: 1 })], "args[0]", /symbol keys/],
    ["a hidden symbol for a key", [Object.defineProperty({}, Symbol("k"), { value: 1 })], "args[0]", /symbol keys/],
    ["the arguments of a function", [given(1)], "args[0]", /symbol keys/],
    [
      "a view of shared memory",
      [new Uint8Array(new SharedArrayBuffer(8))],
      "args[0]",
      /view of a SharedArrayBuffer.*slice/,
    ],
    ["a resizable buffer", [resizable()], "args[0]", /resizable.*slice/],
    ["a view of a resizable buffer", [{ v: new Uint8Array(resizable()) }], "args[0].v", /resizable/],
    ["an object with inherited fields", [Object.create({ a: 1 })], "args[0]", /instance of Object/],
    ["an object whose prototype has no prototype", [Object.create(Object.create(null))], "args[0]", /instance of/],
    [
      "a field that hides what its class has",
      [Object.defineProperty(new Map(), "size", { value: 5 })],
      "args[0]",
      /field "size", which hides/,
    ],
    ["a subclass of Array", [new List(1, 2)], "args[0]", /instance of List/],
    ["a subclass of a typed array", [new Sized(2)], "args[0]", /instance of Sized/],
    ["a namesake of Map", [new Namesake()], "args[0]", /instance of Map/],
    [
      "an error whose message is a symbol, which has no readable stack",
      [{ e: Object.assign(new Error(), { message: Symbol("s") }) }],
      "args[0].e.message",
      /is a symbol/,
    ],
    [
      "an error whose stack cannot be read",
      [{ e: Object.assign(new Error(), { message: Object.create(null) }) }],
      "args[0].e.stack",
      /cannot be read \(Cannot convert object to primitive value\).*whose message is a string/,
    ],
  ])("a value that could not be decoded unchanged is refused with its path: %s", (_, value, path, message) => {
    let error: unknown;
    try {
      encodeValue(value, "args");
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CodecError);
    expect(error).toMatchObject({ path, message: expect.stringMatching(message) });
  });

  test("the refusal of a result says which values may be returned", () => {
    expect(() => encodeValue(() => 1, "result")).toThrow(
      "result: is a function, which cannot be returned from a task; return data",
    );
    expect(() => encodeValue({ a: Symbol("s") }, "result")).toThrow("result.a: is a symbol: return a string instead");
  });
});
