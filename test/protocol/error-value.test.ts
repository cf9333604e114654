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
    ["no message where it has none", fixed(new Error()), { "": "Error", stack: "S" }],
    ["its cause", fixed(new Error("a", { cause: 1n })), { "": "Error", message: "a", stack: "S", cause: 1n }],
    [
      "its errors",
      fixed(new AggregateError([1], "a")),
      { "": "AggregateError", message: "a", stack: "S", errors: [1] },
    ],
    [
      "the built-in class nearest to its own, and its fields",
      fixed(new NoDisk("d")),
      { "": "RangeError", message: "d", stack: "S", drive: "c" },
    ],
    [
      "a name of its own",
      fixed(new Error("a"), { name: "Mine" }),
      expect.objectContaining({ "": "Error", "\0fields": { name: "Mine" } }),
    ],
    [
      "all its fields apart if one of them is named as the codec's",
      fixed(new Error("a"), { "": 1, b: 2 }),
      { "": "Error", message: "a", stack: "S", "\0fields": { "": 1, b: 2 } },
    ],
    [
      "what a DOMException keeps in getters",
      fixed(new DOMException("gone", "AbortError")),
      { "": "DOMException", message: "gone", stack: "S", name: "AbortError" },
    ],
  ])("%s", (_, error, expected) => {
    expect(reduceError(error)).toEqual(expected);
  });

  test("a value that is no error reduces to nothing", () => {
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
  ])("is of the class %s, and shows as it did", (_, error, made) => {
    const back = revived(reduceError(error));
    expect(Object.getPrototypeOf(back)).toBe(made.prototype);
    expect(back).toMatchObject({ name: error.name, message: "a", stack: error.stack });
    expect(Object.keys(back)).toEqual(Object.keys(error));
  });

  test.each([["message"], ["stack"], ["cause"], ["errors"], ["name"]])("hides its %s, as errors do", (key) => {
    const error = Object.defineProperty(new AggregateError([1], "a", { cause: 2 }), "name", { value: "Mine" });
    const back = revived(reduceError(error));
    expect(Object.getOwnPropertyDescriptor(back, key)).toMatchObject({
      enumerable: false,
      value: Reflect.get(error, key),
    });
  });

  test("of a class that is not known keeps its name and fields", () => {
    const back = revived(reduceError(Object.defineProperty(new NoDisk("d"), "name", { value: "NoDisk" })));
    expect(back).toBeInstanceOf(RangeError);
    expect(back).toMatchObject({ name: "NoDisk", drive: "c" });
  });

  test("of a class that is known here is of that class", () => {
    const reduced = { "": "RangeError", "\0class": "NoDisk", message: "d", drive: "e" };
    const back = reviveErrors((name) => (name === "NoDisk" ? { name, made: NoDisk } : undefined))(reduced);
    expect(back).toBeInstanceOf(NoDisk);
    expect(back).toMatchObject({ message: "d", drive: "e" });
  });

  test("is the same object each time, as in one that is its own cause", () => {
    const reduced: Record<string, unknown> = { "": "Error", message: "a" };
    const revive = reviveErrors(() => undefined);
    const first = revive(reduced);
    reduced.cause = first;
    expect(revive(reduced)).toBe(first);
    expect(first.cause).toBe(first);
  });

  test("is a plain Error where its class is no built-in one", () => {
    expect(Object.getPrototypeOf(revived({ "": "toString", message: "a" }))).toBe(Error.prototype);
  });

  test("is refused where it is no object", () => {
    expect(() => revived("Error")).toThrow("not an encoded value: it holds string");
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
])("whether %s is an error is known", (_, value, expected) => {
  expect(isError(value)).toBe(expected);
});
