import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { registerClass } from "../../lambdas/authoring/register-class.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CodecError } from "../../lambdas/protocol/errors.ts";
import { INLINE_BYTES } from "../../lambdas/protocol/function-reference.ts";
import { propertyRuns } from "../property-runs.ts";

function roundTrip<T>(value: T): T {
  return decodeValue(encodeValue(value, "value")) as T;
}

function refusal(value: unknown): CodecError {
  try {
    encodeValue(value, "args");
  } catch (error) {
    if (error instanceof CodecError) return error;
    throw error;
  }
  throw new Error("it was encoded");
}

describe("the codec returns equal values", () => {
  const sparse = [1, 2, 3];
  delete sparse[1];
  test.each<[string, unknown]>([
    ["a short argument list", [5]],
    ["undefined", undefined],
    ["undefined in a list", [undefined, null]],
    ["-0", -0],
    ["NaN and the infinities", [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ["a sparse array", sparse],
    ["a big integer", 2n ** 70n],
    ["a date, and an invalid one", [new Date(1e12), new Date(Number.NaN)]],
    ["a regular expression", /a\/b<c>/giu],
    ["a URL", new URL("https://example.org/a?b=c#d")],
    ["maps and sets", new Map<unknown, unknown>([[{ k: 1 }, new Set([1, "1", undefined])]])],
    ["an object without prototype", Object.assign(Object.create(null), { a: 1 })],
    ["a lone surrogate", "a\ud800b"],
    ["text that looks like the codec's own", ["J1", "D-1", "__proto__"]],
    ["an empty buffer", Buffer.alloc(0)],
    ["views of every kind", [new Uint8Array([1, 2]), new Float64Array([-0, Number.NaN]), new BigInt64Array([-1n])]],
    ["a view of half a buffer", new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2)],
    ["a DataView", new DataView(new Uint8Array([1, 2, 3]).buffer, 1)],
    ["an ArrayBuffer", new Uint8Array([1, 2, 3]).buffer],
    ["large views", [new Float64Array(5000).map((_, at) => at / 3), Buffer.alloc(70_000, 7), "between", [1]]],
    ["long text", "ä".repeat(INLINE_BYTES)],
  ])("the codec returns %s unchanged", (_, value) => {
    const back = roundTrip(value);
    expect(back).toStrictEqual(value);
    expect(Object.prototype.toString.call(back)).toBe(Object.prototype.toString.call(value));
  });

  test("the codec keeps a cycle, and the identity of an object that occurs twice", () => {
    const shared = { n: 1 };
    const value: Record<string, unknown> = { a: shared, b: [shared] };
    value.self = value;
    const back = roundTrip(value) as { a: unknown; b: unknown[]; self: unknown };
    expect(back.self).toBe(back);
    expect(back.b[0]).toBe(back.a);
  });

  test("the codec distinguishes a Buffer from a Uint8Array", () => {
    expect(Buffer.isBuffer(roundTrip(Buffer.from("a")))).toBe(true);
    expect(Buffer.isBuffer(roundTrip(Buffer.alloc(50_000)))).toBe(true);
    expect(Buffer.isBuffer(roundTrip(new Uint8Array(50_000)))).toBe(false);
  });

  test("the codec encodes only the visible bytes of a view", () => {
    const view = new Uint8Array(1_000_000).subarray(10, 20);
    expect(encodeValue(view, "value").length).toBeLessThan(200);
    expect(roundTrip(view).buffer.byteLength).toBe(10);
  });

  test("the codec returns every value that fast-check generates", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(roundTrip(value)).toStrictEqual(value);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  test("the codec returns every JSON value, by its fast path", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const encoded = encodeValue(value, "value");
        const tag = typeof encoded === "string" ? encoded[0] : String.fromCharCode(encoded[0] ?? 0);
        expect(tag === "J" || hasMinusZero(value)).toBe(true);
        expect(decodeValue(encoded)).toStrictEqual(value);
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });
});

describe("an error is a value", () => {
  test("an error keeps its class, message, stack, cause and own fields", () => {
    const error = Object.assign(new RangeError("too far", { cause: { at: 3n } }), { code: "EFAR", path: "/x" });
    const back = roundTrip(error);
    expect(back).toBeInstanceOf(RangeError);
    expect(back).toMatchObject({ message: "too far", cause: { at: 3n }, code: "EFAR", path: "/x", stack: error.stack });
    expect(Object.keys(back)).toEqual(["code", "path"]);
  });

  test("an error of another class gets the nearest built-in class and keeps its name", () => {
    class Mine extends TypeError {
      override name = "Mine";
    }
    const back = roundTrip(new Mine("no"));
    expect(back).toBeInstanceOf(TypeError);
    expect(String(back)).toBe("Mine: no");
  });

  test("an AggregateError keeps its errors, and a DOMException its name", () => {
    const back = roundTrip(new AggregateError([new Error("a"), "b"], "many"));
    expect(back).toBeInstanceOf(AggregateError);
    expect(back.errors).toMatchObject([{ message: "a" }, "b"]);
    const abort = roundTrip(new DOMException("stop", "AbortError"));
    expect(abort).toBeInstanceOf(DOMException);
    expect(abort).toMatchObject({ name: "AbortError", message: "stop" });
  });

  test("an error may be its own cause", () => {
    const error = new Error("loop");
    error.cause = error;
    const back = roundTrip([error, { again: error }] as const);
    expect(back[0].cause).toBe(back[0]);
    expect(back[1].again).toBe(back[0]);
    expect(back[0].message).toBe("loop");
  });

  test("the fields of an error follow the same rules as other values", () => {
    expect(refusal([Object.assign(new Error("x"), { retry: () => 1 })]).path).toBe("args[0].retry");
  });
});

describe("the codec refuses", () => {
  class Point {
    x = 1;
  }
  class Index extends Map<string, number> {}
  test.each<[string, unknown, string, RegExp]>([
    ["a function", [{ a: [() => 1] }], "args[0].a[0]", /function.*captures it/],
    ["a symbol", [Symbol("s")], "args[0]", /symbol.*string/],
    ["a class instance", [{ p: new Point() }], "args[0].p", /instance of Point.*plain object/],
    ["an instance of a subclass of Map", [[new Index()]], "args[0][0]", /instance of Index/],
    ["a promise", [Promise.resolve(1)], "args[0]", /promise: await it/],
    ["a stream", [1, Readable.from([])], "args[1]", /stream: read it/],
    ["a web stream", [new ReadableStream()], "args[0]", /stream: read it/],
    ["a WeakMap", [new Map([["k", new WeakMap()]])], 'args[0].get("k")', /WeakMap/],
    ["a generator", [[1].values()], "args[0]", /iterator: collect/],
    ["symbols for keys", [{ [Symbol("k")]: 1 }], "args[0]", /symbol keys/],
    ["shared memory", [new SharedArrayBuffer(8)], "args[0]", /SharedArrayBuffer/],
  ])("the codec refuses, with the path and the remedy: %s", (_, value, path, message) => {
    const error = refusal(value);
    expect(error.path).toBe(path);
    expect(error.message).toMatch(message);
    expect(error.code).toBe("CodecError");
  });

  test("the codec refuses a proxy that throws", () => {
    const ownKeys = () => {
      throw new Error("no");
    };
    expect(refusal([new Proxy({}, { ownKeys })]).cause).toMatchObject({ message: "no" });
  });

  test("the codec refuses a list that is nested too deeply for the stack", () => {
    let value: unknown[] = [];
    for (let at = 0; at < 100_000; at++) value = [value];
    expect(refusal(value).message).toMatch(/too deep/);
  });

  test("the codec reports the error of a class's serialize as the cause, a RangeError too", () => {
    class Short {
      length = -1;
    }
    registerClass(Short, { serialize: ({ length }) => new Array(length), deserialize: () => new Short() });
    expect(refusal([new Short()])).toMatchObject({
      message: expect.stringContaining("serialize of a registered class"),
      cause: { message: "Invalid array length" },
    });
  });
});

describe("the encoded form", () => {
  test("the encoded form is text up to the inline limit in bytes, and bytes above it", () => {
    const fits = "x".repeat(INLINE_BYTES - 3);
    expect(typeof encodeValue(fits, "value")).toBe("string");
    expect(typeof encodeValue(`${fits}x`, "value")).toBe("object");
    expect(typeof encodeValue("ä".repeat(INLINE_BYTES / 2), "value")).toBe("object");
  });

  test("the encoded form is JSON for plain data", () => {
    expect(encodeValue([5, "a", { b: [true, null] }], "args")).toBe('J[5,"a",{"b":[true,null]}]');
  });

  test("the encoded form contains large binary data unchanged", () => {
    const bytes = new Uint8Array(100 * 1024);
    expect(encodeValue([bytes], "args").length).toBeLessThan(bytes.length + 200);
  });

  test("the encoded form is rejected if it is invalid", () => {
    expect(() => decodeValue("[1]")).toThrow(/an encoded value is damaged/);
    expect(() => decodeValue(new Uint8Array([1, 2, 3]))).toThrow();
  });

  test("decoding never sets a prototype, whatever was written", () => {
    const source = readFileSync(new URL(import.meta.url), "utf8");
    expect(source).toContain("__proto__");
    expect(() => decodeValue('D[{"__proto__":1},{"polluted":2},1]')).toThrow();
    const parsed = decodeValue('J{"__proto__":{"polluted":1}}') as Record<string, unknown>;
    expect(parsed.polluted).toBeUndefined();
  });
});

function hasMinusZero(value: unknown): boolean {
  if (Object.is(value, -0)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasMinusZero);
}
