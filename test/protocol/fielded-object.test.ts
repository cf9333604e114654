import { describe, expect, test } from "vitest";
import { reduceFielded, reviveFielded } from "../../lambdas/protocol/fielded-object.ts";

const hidden = (target: object, key: string, value: unknown) => Object.defineProperty(target, key, { value });
const bytes = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]).buffer;

/** Objects with extra fields, and the kind and bare object as which they are written. */
const FIELDED: [string, object, string, unknown][] = [
  ["a plain object with a hidden field", hidden({ b: 1 }, "a", 1), "Object", null],
  ["an object without a prototype", hidden(Object.create(null), "a", 1), "null", null],
  ["an array", Object.assign([1, 2], { a: 1 }), "Array", [1, 2]],
  ["a map", Object.assign(new Map([[1, 2]]), { a: 1 }), "Map", new Map([[1, 2]])],
  ["a set", Object.assign(new Set([1]), { a: 1 }), "Set", new Set([1])],
  ["a date", Object.assign(new Date(5), { a: 1 }), "Date", new Date(5)],
  ["a regular expression", Object.assign(/x/gi, { a: 1 }), "RegExp", /x/gi],
  ["a URL", Object.assign(new URL("https://a.b/c"), { a: 1 }), "URL", new URL("https://a.b/c")],
  [
    "parameters of a URL",
    Object.assign(new URLSearchParams("q=1"), { a: 1 }),
    "URLSearchParams",
    new URLSearchParams("q=1"),
  ],
  ["a boxed number", Object.assign(Object(5), { a: 1 }), "Number", Object(5)],
  [
    "bytes inside a buffer",
    Object.assign(new Uint8Array(bytes, 2, 3), { a: 1 }),
    "Uint8Array",
    new Uint8Array(bytes, 2, 3),
  ],
  ["a float", Object.assign(new Float32Array(bytes, 4, 1), { a: 1 }), "Float32Array", new Float32Array(bytes, 4, 1)],
  ["a data view", Object.assign(new DataView(bytes, 3, 2), { a: 1 }), "DataView", new DataView(bytes, 3, 2)],
  ["a Node buffer", Object.assign(Buffer.from(bytes, 1, 2), { a: 1 }), "Buffer", Buffer.from(bytes, 1, 2)],
];

describe("an object with fields beside those of its kind", () => {
  test.each(FIELDED)(
    "an object with extra fields is encoded as kind, bare object and fields: %s",
    (_, value, kind, bare) => {
      const reduced = reduceFielded(value);
      expect(reduced).toMatchObject({ "\0kind": kind, "": bare, "\0fields": { a: 1 } });
      expect(reduced?.["\0hidden"]).toEqual(Object.keys(value).includes("a") ? [] : ["a"]);
      if (bare !== null) expect(Object.getPrototypeOf(reduced?.[""])).toBe(Object.getPrototypeOf(value));
      expect(Object.keys(reduced ?? {})).toEqual(["\0kind", "", "\0hidden", "\0fields"]);
    },
  );

  test.each(FIELDED)("an object with extra fields is decoded unchanged: %s", (_, value) => {
    const back = reviveFielded()(reduceFielded(value));
    expect(back).toStrictEqual(value);
    expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(value));
    expect(Object.getOwnPropertyDescriptor(back, "a")).toMatchObject({
      value: 1,
      enumerable: Object.keys(value).includes("a"),
    });
  });

  test("a view with extra fields keeps its buffer and offset", () => {
    const reduced = reduceFielded(Object.assign(new Uint8Array(bytes, 2, 3), { a: 1 }));
    const bare = reduced?.[""];
    expect(bare).toMatchObject({ buffer: bytes, byteOffset: 2, byteLength: 3 });
    expect(ArrayBuffer.isView(bare) && bare.buffer === bytes).toBe(true);
  });

  test("an array with extra fields that contains itself is decoded as one object", () => {
    const reduced: Record<string, unknown> = {
      "\0kind": "Array",
      "": undefined,
      "\0hidden": [],
      "\0fields": undefined,
    };
    const revive = reviveFielded();
    const first = revive(reduced);
    expect(first).toEqual([]);
    Object.assign(reduced, { "": [first, 2], "\0fields": { index: 1 } });
    expect(revive(reduced)).toBe(first);
    expect(first).toMatchObject({ 1: 2, length: 2, index: 1 });
    expect(Reflect.get(Object(first), 0)).toBe(first);
  });
});

test.each<[string, object]>([
  ["a plain object", { a: 1 }],
  ["an array", [1]],
  ["a map", new Map()],
  ["an instance of a class", new (class Own {})()],
])("an object without extra fields is not split: %s", (_, value) => {
  expect(reduceFielded(value)).toBeUndefined();
});

test.each<[string, unknown]>([
  ["text in place of its parts", "parts"],
  ["a kind that needs an object, without one", { "\0kind": "Date", "": 5 }],
])("a damaged encoding is refused: %s", (_, written) => {
  expect(() => reviveFielded()(written)).toThrow("an encoded value is damaged");
});
