import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { isError, reduceError, reviveErrors } from "../../lambdas/protocol/error-value.ts";

class NoDisk extends RangeError {
  drive = "c";
}

const revived = (reduced: unknown) => reviveErrors(() => undefined)(reduced);
const fixed = <E extends Error>(error: E, more: object = {}): E => Object.assign(error, { stack: "S" }, more);

describe("an error as a plain object has", () => {
  test.each<[string, Error, Record<string, unknown>]>([
    ["its class, message and stack", fixed(new TypeError("no")), { "": "TypeError", message: "no", stack: "S" }],
    ["no message if the error has none", fixed(new Error()), { "": "Error", stack: "S" }],
    ["its cause", fixed(new Error("a", { cause: 1n })), { "": "Error", message: "a", stack: "S", cause: 1n }],
    [
      "its errors",
      fixed(new AggregateError([1], "a")),
      { "": "AggregateError", message: "a", stack: "S", errors: [1] },
    ],
    [
      "the nearest built-in class, and its fields",
      fixed(new NoDisk("d")),
      { "": "RangeError", message: "d", stack: "S", drive: "c" },
    ],
    [
      "a name of its own",
      fixed(new Error("a"), { name: "Mine" }),
      expect.objectContaining({ "": "Error", "\0fields": { name: "Mine" } }),
    ],
    [
      "its fields in a separate object if one of them has a name that the codec uses",
      fixed(new Error("a"), { "": 1, b: 2 }),
      { "": "Error", message: "a", stack: "S", "\0fields": { "": 1, b: 2 } },
    ],
    [
      "the values that a DOMException keeps in getters",
      fixed(new DOMException("gone", "AbortError")),
      { "": "DOMException", message: "gone", stack: "S", name: "AbortError" },
    ],
  ])("an error as a plain object has %s", (_, error, expected) => {
    expect(reduceError(error)).toEqual(expected);
  });

  test("a value that is not an error is not reduced", () => {
    expect([{ message: "a", stack: "S" }, "Error", null, undefined].map(reduceError)).toEqual(Array(4).fill(undefined));
  });
});

describe("an error that is read again", () => {
  test.each<[string, Error, new (...args: never[]) => Error]>([
    ["Error", new Error("a"), Error],
    ["EvalError", new EvalError("a"), EvalError],
    ["RangeError", new RangeError("a"), RangeError],
    ["ReferenceError", new ReferenceError("a"), ReferenceError],
    ["SyntaxError", new SyntaxError("a"), SyntaxError],
    ["TypeError", new TypeError("a"), TypeError],
    ["URIError", new URIError("a"), URIError],
    ["AggregateError", new AggregateError([1], "a"), AggregateError],
    ["DOMException", new DOMException("a", "DataError"), DOMException],
  ])("an error of class %s keeps its class and prints as before", (_, error, made) => {
    const back = revived(reduceError(error));
    expect(Object.getPrototypeOf(back)).toBe(made.prototype);
    expect(back).toMatchObject({ name: error.name, message: "a", stack: error.stack });
    expect(Object.keys(back)).toEqual(Object.keys(error));
  });

  test.each([["message"], ["stack"], ["cause"], ["errors"], ["name"]])(
    "a decoded error has a non-enumerable %s, as usual",
    (key) => {
      const error = Object.defineProperty(new AggregateError([1], "a", { cause: 2 }), "name", { value: "Mine" });
      const back = revived(reduceError(error));
      expect(Object.getOwnPropertyDescriptor(back, key)).toMatchObject({
        enumerable: false,
        value: Reflect.get(error, key),
      });
    },
  );

  test("an error of an unknown class keeps its name and fields", () => {
    const back = revived(reduceError(Object.defineProperty(new NoDisk("d"), "name", { value: "NoDisk" })));
    expect(back).toBeInstanceOf(RangeError);
    expect(back).toMatchObject({ name: "NoDisk", drive: "c" });
  });

  test("an error of a class that is known here gets that class", () => {
    const reduced = { "": "RangeError", "\0class": "NoDisk", message: "d", drive: "e" };
    const back = reviveErrors((name) => (name === "NoDisk" ? { name, made: NoDisk } : undefined))(reduced);
    expect(back).toBeInstanceOf(NoDisk);
    expect(back).toMatchObject({ message: "d", drive: "e" });
  });

  test("an error that is its own cause is decoded as one object", () => {
    const reduced: Record<string, unknown> = { "": "Error", message: "a" };
    const revive = reviveErrors(() => undefined);
    const first = revive(reduced);
    reduced.cause = first;
    expect(revive(reduced)).toBe(first);
    expect(first.cause).toBe(first);
  });

  test("an error whose class is not built-in becomes a plain Error", () => {
    expect(Object.getPrototypeOf(revived({ "": "toString", message: "a" }))).toBe(Error.prototype);
  });

  test("an encoded error that is not an object is refused", () => {
    expect(() => revived("Error")).toThrow("it holds string instead of an object");
  });
});

test.each<[string, unknown, boolean]>([
  ["an error", new Error("a"), true],
  ["an error of a subclass", new NoDisk("a"), true],
  ["an error of another realm", runInNewContext("new TypeError('a')"), true],
  ["a DOMException", new DOMException("a"), true],
  ["an object with its fields", { name: "Error", message: "a", stack: "S" }, false],
  ["text", "Error", false],
  ["null", null, false],
])("it is known whether %s is an error", (_, value, expected) => {
  expect(isError(value)).toBe(expected);
});
