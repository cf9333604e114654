import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPlainJson, isPlainPrimitive } from "../../lambdas/protocol/plain-json.ts";

const hidden = (target: object) => Object.defineProperty(target, "h", { value: 1 });
const getter = (target: object) => Object.defineProperty(target, "g", { get: () => 1, enumerable: true });
const shared = { a: 1 };
const cycle: unknown[] = [];
cycle.push([cycle]);
class Own {
  x = 1;
}
class OwnList extends Array<unknown> {}

describe("JSON gives the same value again", () => {
  test.each<[string, unknown]>([
    ["text", "a"],
    ["a number", 1.5],
    ["a boolean", false],
    ["null", null],
    ["an empty list", []],
    ["a list", [1, "a", null, true]],
    ["a long list", new Array(1000).fill(1)],
    ["an empty object", {}],
    ["a nested object", { a: [{ b: [1] }], c: { d: null } }],
    ["two equal objects", [{ a: 1 }, { a: 1 }]],
    ["an object with a field toString", { toString: 1 }],
  ])("JSON returns %s unchanged", (_, value) => {
    expect(isPlainJson(value)).toBe(true);
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["minus zero", -0],
    ["a bigint", 1n],
    ["a symbol", Symbol("s")],
    ["a function", () => 1],
    ["a date", new Date(0)],
    ["a map", new Map()],
    ["an instance", new Own()],
    ["a subclass of arrays", new OwnList()],
    ["an object without a prototype", Object.create(null)],
    ["a list with a hole", new Array(1)],
    ["a list with a named field", Object.assign([1], { index: 0 })],
    ["a list with a hidden field", hidden([1])],
    ["an object with a hidden field", hidden({ a: 1 })],
    ["an object with a getter", getter({ a: 1 })],
    ["an object with a setter", Object.defineProperty({ a: 1 }, "g", { set: () => {}, enumerable: true })],
    ["an object with a symbol for a key", { [Symbol("s")]: 1 }],
    ["an object with undefined", { a: undefined }],
    ["an object that occurs twice", [shared, shared]],
    ["an object that occurs twice at different depths", { a: shared, b: { c: shared } }],
    ["a list that contains itself", cycle],
  ])("JSON does not return %s unchanged, at any depth", (_, value) => {
    expect(isPlainJson(value)).toBe(false);
    expect(isPlainJson([value])).toBe(false);
    expect(isPlainJson({ a: [1, { b: value }] })).toBe(false);
  });

  test("a value that is plain JSON survives JSON.stringify and JSON.parse", () => {
    const value = fc.anything({ withNullPrototype: true, withSparseArray: true, withDate: true, withMap: true });
    fc.assert(
      fc.property(value, (given) => {
        if (isPlainJson(given)) expect(JSON.parse(JSON.stringify(given))).toStrictEqual(given);
      }),
    );
  });

  test("every value parsed from JSON is plain JSON", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text.replaceAll("-0", "0"));
        fc.pre(!/"__proto__"/.test(text));
        expect(isPlainJson(value)).toBe(true);
      }),
    );
  });
});

test.each<[unknown, boolean]>([
  ["", true],
  [0, true],
  [true, true],
  [null, true],
  [-0, false],
  [Number.NaN, false],
  [undefined, false],
  [1n, false],
])("JSON can represent the primitive %s: %s", (value, expected) => {
  expect(isPlainPrimitive(value)).toBe(expected);
});
