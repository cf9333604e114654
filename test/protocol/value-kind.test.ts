import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { isList, isOfClass, itemsOf, kindOf } from "../../lambdas/protocol/value-kind.ts";

class Own {
  x = 1;
}
class OwnList extends Array<unknown> {}
class OwnMap extends Map<unknown, unknown> {}
class OwnError extends Error {}
const buffer = new ArrayBuffer(16);

describe("the kind of an object", () => {
  test.each<[string, object, string | undefined]>([
    ["a plain object", {}, "Object"],
    ["an object without a prototype", Object.create(null), "null"],
    ["an array", [1], "Array"],
    ["a map", new Map(), "Map"],
    ["a set", new Set(), "Set"],
    ["a date", new Date(0), "Date"],
    ["a regular expression", /a/, "RegExp"],
    ["a URL", new URL("https://example.org"), "URL"],
    ["the parameters of a URL", new URLSearchParams(), "URLSearchParams"],
    ["a boxed number", Object(1), "Number"],
    ["a boxed text", Object("a"), "String"],
    ["a boxed boolean", Object(true), "Boolean"],
    ["a boxed bigint", Object(1n), "BigInt"],
    ["a buffer of bytes", buffer, "ArrayBuffer"],
    ["a Node buffer", Buffer.from("a"), "Buffer"],
    ["bytes", new Uint8Array(1), "Uint8Array"],
    ["floats", new Float64Array(1), "Float64Array"],
    ["big integers", new BigInt64Array(1), "BigInt64Array"],
    ["a data view", new DataView(buffer), "DataView"],
    ["an instance of a class", new Own(), undefined],
    ["an array of a subclass", new OwnList(), undefined],
    ["a map of a subclass", new OwnMap(), undefined],
    ["an error", new Error("no"), undefined],
    ["an error of a subclass", new OwnError("no"), undefined],
    ["an object that inherits fields", Object.create({ a: 1 }), undefined],
    ["an object that inherits from an array", Object.create(Array.prototype), undefined],
    ["an object that calls itself a map", { [Symbol.toStringTag]: "Map" }, "Object"],
    ["an instance that calls itself a map", Object.assign(new Own(), { [Symbol.toStringTag]: "Map" }), undefined],
    ["a promise", Promise.resolve(), undefined],
    ["shared memory", new SharedArrayBuffer(1), undefined],
  ])("the kind of %s is known", (_, value, kind) => {
    expect(kindOf(value)).toBe(kind);
  });

  test.each([
    ["{}", "Object"],
    ["[1]", "Array"],
    ["new Map()", "Map"],
    ["/a/", "RegExp"],
    ["new Uint8Array(2)", "Uint8Array"],
    ["new (class Own {})()", undefined],
    ["new (class Map {})()", undefined],
    ["new (class extends Map {})()", undefined],
  ])("the kind of %s is the same in another realm", (source, kind) => {
    expect(kindOf(runInNewContext(`(${source})`))).toBe(kind);
  });
});

test("a class with the name of a built-in class is a different class", () => {
  const Namesake = Object.defineProperty(class {}, "name", { value: "Map" });
  expect(isOfClass(new Namesake(), "Map")).toBe(false);
  expect(isOfClass(new Map(), "Map")).toBe(true);
  expect(isOfClass(new OwnMap(), "Map")).toBe(false);
  expect(isOfClass(Object.create(null), "Object")).toBe(false);
  expect(isOfClass(Object.create({ constructor: Map }), "Map")).toBe(false);
});

test.each<[string, ArrayBufferView, number]>([
  ["a typed array", new Float64Array(buffer), 2],
  ["a Node buffer, in bytes,", Buffer.from("abc"), 3],
  ["a data view, in bytes,", new DataView(buffer, 3), 13],
  ["a data view with a field named length", Object.assign(new DataView(buffer), { length: 99 }), 16],
])("the number of items of %s is known", (_, view, count) => {
  expect(itemsOf(view)).toBe(count);
});

test("an array and a typed array are lists, and a data view is not", () => {
  const lists = [[], new Uint8Array(1), Buffer.from("a"), new DataView(buffer), new Map(), {}, new Own()];
  expect(lists.map((value) => isList(value, kindOf(value)))).toEqual([true, true, true, false, false, false, false]);
});
