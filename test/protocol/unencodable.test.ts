import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { whyNotEncodable, whyNotWhole } from "../../lambdas/protocol/unencodable.ts";
import { kindOf } from "../../lambdas/protocol/value-kind.ts";

class Own {
  x = 1;
}
const unnamed = new (class {})();
Object.defineProperty(unnamed.constructor, "name", { value: "" });
const symbolKey = { [Symbol("s")]: 1 };
const awaitable: object = Object.defineProperty({}, ["t", "hen"].join(""), { value: () => 1 });
const getter = (target: object) => Object.defineProperty(target, "g", { get: () => 1, enumerable: true });
const resizable: ArrayBuffer = Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]);
const transferred = new ArrayBuffer(4);
structuredClone(transferred, { transfer: [transferred] });

const ITERATOR = "is an iterator: collect it into an array first";
const PROMISE = "is a promise: await it first";
const GETTER = 'has a getter or setter, "g": pass a copy with its value, such as { ...value }';

describe("an argument that cannot be encoded", () => {
  test.each<[string, unknown, string]>([
    ["a function", () => 1, "is a function: use it inside the task's function, which captures it, or pass data"],
    ["a symbol", Symbol("s"), "is a symbol: pass a string instead"],
    ["a boxed symbol", Object(Symbol("s")), "is a symbol: pass a string instead"],
    ["a promise", Promise.resolve(), PROMISE],
    ["a thenable", awaitable, PROMISE],
    ["a Node stream", Readable.from([]), "is a stream: read it first, and pass the bytes or the path of the file"],
    ["a web stream", new ReadableStream(), "is a stream: read it first, and pass the bytes or the path of the file"],
    ["a weak map", new WeakMap(), "is a WeakMap, whose content cannot be listed: pass a Map, Set or plain object"],
    ["a weak set", new WeakSet(), "is a WeakSet, whose content cannot be listed: pass a Map, Set or plain object"],
    [
      "a weak reference",
      new WeakRef({}),
      "is a WeakRef, whose content cannot be listed: pass a Map, Set or plain object",
    ],
    ["an iterator", [1].values(), ITERATOR],
    ["a generator", (function* () {})(), ITERATOR],
    ["an asynchronous generator", (async function* () {})(), ITERATOR],
    ["an object with a getter", getter({}), GETTER],
    ["an instance with a getter", getter(new Own()), GETTER],
    ["symbols for keys", symbolKey, "has symbol keys: use string keys"],
    [
      "an instance of a class",
      new Own(),
      "is an instance of Own: register its class with registerClass(Own), or pass a plain object with the fields that the task needs",
    ],
    [
      "an instance of a class without a name",
      unnamed,
      "is an instance of an unnamed class: register its class with registerClass(an unnamed class), or pass a plain object with the fields that the task needs",
    ],
    ["any other value", undefined, "cannot be encoded"],
  ])("the error for an argument that is %s says what to do", (_, value, why) => {
    expect(whyNotEncodable(value)).toBe(why);
  });
});

describe("a result that cannot be encoded", () => {
  test.each<[string, unknown, string]>([
    ["a function", () => 1, "is a function, which cannot be returned from a task; return data"],
    ["a symbol", Symbol("s"), "is a symbol: return a string instead"],
    ["a stream", new ReadableStream(), "is a stream: read it first, and return the bytes or the path of the file"],
    [
      "an instance of a class",
      new Own(),
      "is an instance of Own: register its class with registerClass(Own), or return a plain object with the fields that are wanted",
    ],
  ])("the error for a result that is %s is addressed to the task's author", (_, value, why) => {
    expect(whyNotEncodable(value, "result")).toBe(why);
  });
});

describe("an object of a supported kind", () => {
  test.each<[string, object, string | undefined]>([
    ["only if it has a fault", { a: 1 }, undefined],
    ["but not as a view of a plain buffer", new Uint8Array(4), undefined],
    [
      "if it is a view of shared memory",
      new Uint8Array(new SharedArrayBuffer(4)),
      "is a view of a SharedArrayBuffer: pass a copy, such as value.slice()",
    ],
    [
      "if it is a data view of shared memory",
      new DataView(new SharedArrayBuffer(4)),
      "is a view of a SharedArrayBuffer: pass a copy, such as a view of its bytes",
    ],
    ["if it is resizable", resizable, "is a resizable ArrayBuffer: pass a copy, such as value.slice()"],
    [
      "if it is a buffer with fields",
      Object.assign(new ArrayBuffer(4), { unit: "m" }),
      "is an ArrayBuffer with fields of its own: pass them separately",
    ],
    ["if it has symbols for keys", symbolKey, "has symbol keys: use string keys"],
    [
      "if a field of it hides what its class has",
      Object.assign(new Map(), { get: 1 }),
      'has a field "get", which hides the member of its class with that name: pass it separately',
    ],
    ["if it has a getter", getter([1]), GETTER],
  ])("an object of a supported kind is refused %s", (_, value, why) => {
    expect(whyNotWhole(value, kindOf(value) ?? "")).toBe(why);
  });

  // Node reports transferred buffers from version 21 on.
  test("a view whose bytes were transferred is refused, if Node reports that", () => {
    const why = "is a detached ArrayBuffer: pass a copy, such as value.slice()";
    expect(whyNotWhole(transferred, "ArrayBuffer")).toBe("detached" in transferred ? why : undefined);
  });

  test("an object of a supported kind is refused as a result in words for results", () => {
    expect(whyNotWhole(getter([1]), "Array", "return")).toContain("return a copy");
  });
});
