import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accessorOf,
  fieldsBeside,
  hidingField,
  isOddField,
  isOddName,
  ownSymbol,
  readFields,
  writeFields,
} from "../../lambdas/protocol/own-fields.ts";
import { kindOf } from "../../lambdas/protocol/value-kind.ts";

const hidden = (target: object, key: string, value: unknown) => Object.defineProperty(target, key, { value });
const getter = (target: object, key: string) => Object.defineProperty(target, key, { get: () => 1, enumerable: true });
const setter = (target: object, key: string) => Object.defineProperty(target, key, { set: () => {} });
const long = () => new Array<number>(50).fill(0);

/** Returns the names of the extra fields; names of non-enumerable ones are in brackets. */
function besides(value: object): string[] | undefined {
  return fieldsBeside(value, kindOf(value) ?? "")?.map(({ key, isEnumerable }) => (isEnumerable ? key : `(${key})`));
}

describe("the fields of an object beside those of its kind", () => {
  test.each<[string, object, string[] | undefined]>([
    ["a plain object has none", { a: 1 }, undefined],
    ["a plain object with a hidden one lists all", hidden({ a: 1 }, "b", 2), ["a", "(b)"]],
    [
      "a plain object with one named __proto__ has all of them",
      JSON.parse('{"a":1,"__proto__":2}'),
      ["a", "__proto__"],
    ],
    ["an array of items has none", [1, 2], undefined],
    ["an array with holes has none", Array(3), undefined],
    ["an array lists a named one", Object.assign([1], { index: 0 }), ["index"]],
    ["an array lists a hidden one", hidden([1], "total", 1), ["(total)"]],
    ["an array lists one beyond the highest index", Object.assign([1], { "4294967295": 0 }), ["4294967295"]],
    ["a long array has none", long(), undefined],
    ["a long array lists a named one", Object.assign(long(), { index: 0 }), ["index"]],
    ["a long array lists a hidden one", hidden(long(), "total", 1), ["(total)"]],
    ["a map lists its own", Object.assign(new Map([[1, 2]]), { at: 1 }), ["at"]],
    ["a date has none", new Date(0), undefined],
    ["a date lists its own", Object.assign(new Date(0), { zone: "UTC" }), ["zone"]],
    ["a regular expression at its start has none", /a/g, undefined],
    [
      "a regular expression that has searched lists its position",
      Object.assign(/a/g, { lastIndex: 3 }),
      ["(lastIndex)"],
    ],
    ["a boxed text has none", Object("abc"), undefined],
    ["a boxed text lists one beyond its letters", Object.assign(Object("abc"), { 3: "d" }), ["3"]],
    ["a typed array lists its own", Object.assign(new Uint8Array(2), { unit: "m" }), ["unit"]],
    ["a long typed array lists its own", Object.assign(new Uint8Array(99), { unit: "m" }), ["unit"]],
    ["a typed array without further ones has none", new Uint8Array(2), undefined],
    ["a data view lists one named length", Object.assign(new DataView(new ArrayBuffer(2)), { length: 2 }), ["length"]],
  ])("of the fields beyond those of its kind, %s", (_, value, keys) => {
    expect(besides(value)).toEqual(keys);
  });
});

describe("a field hides a member of its class", () => {
  test.each<[string, object, string | undefined]>([
    ["if it is on a map", Object.assign(new Map(), { get: 1 }), "get"],
    ["if it is on a typed array", Object.assign(new Uint8Array(1), { at: 1, map: 2 }), "at"],
    ["only if the class has a member of its name", Object.assign(new Map(), { gone: 1 }), undefined],
    ["but on an array, that cannot break the codec", Object.assign([1], { map: 1 }), undefined],
    ["but does not count on a plain object", { toString: 1 }, undefined],
  ])("a field hides a member of its class %s", (_, value, key) => {
    expect(hidingField(value, kindOf(value) ?? "")).toBe(key);
  });
});

describe("the first getter or setter of an object", () => {
  test.each<[string, object, string | undefined]>([
    ["does not exist on a plain object", { a: 1 }, undefined],
    ["may be a getter", getter({ a: 1 }, "b"), "b"],
    ["may be a setter", setter({ a: 1 }, "b"), "b"],
    ["may be on a named field of an array", getter([1], "total"), "total"],
    ["may be on a named field of a long array", getter(long(), "total"), "total"],
    ["may be on a named field of a typed array", getter(new Uint8Array(1), "total"), "total"],
    ["does not exist on a plain array", [1, 2], undefined],
    ["may be on a data view", getter(new DataView(new ArrayBuffer(1)), "total"), "total"],
  ])("the first getter or setter of an object %s", (_, value, key) => {
    expect(accessorOf(value)).toBe(key);
  });
});

test("the first symbol key of an object is found", () => {
  const key = Symbol("k");
  expect(ownSymbol({ a: 1, [key]: 2, [Symbol("l")]: 3 })).toBe(key);
  expect(ownSymbol({ a: 1 })).toBeUndefined();
});

test.each([
  ["", true],
  ["__proto__", true],
  ["\0class", true],
  ["7", true],
  ["7up", true],
  ["a", false],
  ["a\0", false],
  ["constructor", false],
])("the name %j might be confused with the codec's own: %s", (name, expected) => {
  expect(isOddName(name)).toBe(expected);
  expect(isOddField({ [name]: 1 }, name)).toBe(expected || name === "__proto__");
});

test("a non-enumerable field needs special encoding, whatever its name", () => {
  expect(isOddField(hidden({}, "a", 1), "a")).toBe(true);
});

describe("fields that are written", () => {
  test("encoded fields escape names with a special meaning, and list hidden fields", () => {
    const own = [
      { key: "a", value: 1, isEnumerable: true },
      { key: "__proto__", value: 2, isEnumerable: false },
      { key: "\0x", value: 3, isEnumerable: true },
    ];
    expect(writeFields(own)).toEqual({ fields: { a: 1, "\0__proto__": 2, "\0\0x": 3 }, hidden: ["__proto__"] });
  });

  test("fields are decoded unchanged, whatever their names", () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom("__proto__", "\0__proto__", "\0", "", "0", "constructor", "toString"),
    );
    const own = fc.uniqueArray(fc.record({ key, value: fc.anything(), isEnumerable: fc.boolean() }), {
      selector: (field) => field.key,
    });
    fc.assert(
      fc.property(own, (fields) => {
        const target = {};
        const written = writeFields(fields);
        readFields(target, written.fields, written.hidden);
        const read = Object.entries(Object.getOwnPropertyDescriptors(target));
        const isHidden = new Map(read.map(([name, { enumerable }]) => [name, !enumerable]));
        expect(read.length).toBe(fields.length);
        for (const { key: name, value, isEnumerable } of fields) {
          expect(Object.getOwnPropertyDescriptor(target, name)?.value).toBe(value);
          expect(isHidden.get(name)).toBe(!isEnumerable);
        }
        expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
      }),
    );
  });

  test("a decoded regular expression gets its lastIndex, which cannot be redefined", () => {
    const target = /a/g;
    readFields(target, { lastIndex: 4 });
    expect(target.lastIndex).toBe(4);
  });

  test("damaged parts decode to no fields", () => {
    const target = {};
    readFields(target, "fields", "hidden");
    expect(Reflect.ownKeys(target)).toEqual([]);
  });
});
