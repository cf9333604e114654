import { EventEmitter } from "node:events";
import * as acorn from "acorn";
import { Parser } from "acorn";
import * as devalue from "devalue";
import { afterEach, describe, expect, test } from "vitest";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { CaptureError } from "../../lambdas/protocol/errors.ts";

let undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo) one();
  undo = [];
});

/** Defines a member on a foreign object until the test ends. */
function change(holder: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
  const before = Object.getOwnPropertyDescriptor(holder, key);
  Object.defineProperty(holder, key, { configurable: true, enumerable: true, ...descriptor });
  undo.push(() => {
    Reflect.deleteProperty(holder, key);
    if (before) Object.defineProperty(holder, key, before);
  });
}

function refusal(fn: unknown): string {
  try {
    shipFunction(fn);
  } catch (error) {
    if (error instanceof CaptureError) return error.message;
    throw error;
  }
  return "it was shipped";
}

interface Lists {
  last(): number;
}

describe("the program's changes of the language", () => {
  test.each<[string, object, string, unknown, () => unknown, RegExp]>([
    [
      "an added method",
      Array.prototype,
      "last",
      () => 1,
      () => ([1] as unknown as Lists).last(),
      /Array\.prototype\.last/,
    ],
    ["a replaced method", Array.prototype, "flat", () => [1], () => [2].flat(), /Array\.prototype\.flat/],
    [
      "one that is taken out of its object",
      String.prototype,
      "shout",
      () => "!",
      () => {
        const { shout } = "a" as unknown as { shout: unknown };
        return shout;
      },
      /String\.prototype\.shout/,
    ],
    ["a replaced function", Math, "random", () => 4, () => Math.random(), /Math\.random/],
    ["an added constant", Math, "TAU", 6.28, () => (Math as unknown as { TAU: number }).TAU, /Math\.TAU/],
    ["a replaced function made by bind", Math, "cbrt", ((x: number) => x).bind(null), () => Math.cbrt(8), /Math\.cbrt/],
    ["a replaced global", globalThis, "parseInt", () => 7, () => parseInt("1", 10), /globalThis\.parseInt/],
  ])("a function that uses a change of the language is refused: %s", (_, holder, key, value, fn, message) => {
    const before = refusal(fn);
    change(holder, key, { value });
    expect([before, refusal(fn)]).toEqual(["it was shipped", expect.stringMatching(message)]);
    expect(refusal(fn)).toMatch(/move it to a function of your own/);
  });

  test("a function that uses a change of the language by another name is refused", () => {
    const numbers = Math;
    change(Math, "hypot", { value: () => 0 });
    expect(refusal(() => numbers.hypot(3, 4))).toMatch(/Math\.hypot/);
  });

  test("a function that uses a getter added to the language is refused", () => {
    change(Array.prototype, "first", { get: () => 1 });
    expect(refusal((list: { first: number }) => list.first)).toMatch(/Array\.prototype\.first/);
  });

  test("a function that uses none of the program's changes is sent, and so is a captured replacement of a built-in function", () => {
    change(Math, "expm1", { value: () => 42 });
    const { expm1 } = Math;
    expect(refusal(() => Math.max(1, 2))).toBe("it was shipped");
    expect(shipFunction(() => expm1(1)).source).toContain("42");
  });
});

describe("the program's changes of packages and Node", () => {
  test.each<[string, object, string, () => unknown, RegExp]>([
    [
      "a method of a class",
      Parser.prototype,
      "extra",
      () => Parser.tokenizer("1", { ecmaVersion: 2022 }),
      /Parser was changed by this program \(\.prototype\.extra\)/,
    ],
    [
      "a static method",
      Parser,
      "extend2",
      () => Parser.tokenizer("1", { ecmaVersion: 2022 }),
      /Parser .*\(\.extend2\)/,
    ],
    [
      "by its namespace",
      Parser.prototype,
      "extra",
      () => acorn.Parser.tokenizer("1", { ecmaVersion: 2022 }),
      /Parser .*\.prototype\.extra/,
    ],
    ["a function", devalue.stringify, "extra", () => devalue.stringify([1]), /stringify .*\(\.extra\)/],
    [
      "a class of Node's",
      EventEmitter.prototype,
      "extra",
      () => new EventEmitter().listenerCount("x"),
      /EventEmitter .*\.prototype\.extra/,
    ],
  ])("a function that uses a change of a package or of Node is refused: %s", (_, holder, key, fn, message) => {
    const before = refusal(fn);
    change(holder, key, { value: () => 1 });
    expect([before, refusal(fn)]).toEqual(["it was shipped", expect.stringMatching(message)]);
  });

  test("a changed subclass of a class from a package or Node is sent", () => {
    class Own extends EventEmitter {}
    Object.assign(Own.prototype, { extra: () => 1 });
    expect(refusal(() => (new Own() as Own & { extra(): number }).extra())).toBe("it was shipped");
  });
});
