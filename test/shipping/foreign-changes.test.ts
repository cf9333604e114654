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

describe("what the program changed of the language", () => {
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
    ["a function that bind made", Math, "cbrt", ((x: number) => x).bind(null), () => Math.cbrt(8), /Math\.cbrt/],
    ["a replaced global", globalThis, "parseInt", () => 7, () => parseInt("1", 10), /globalThis\.parseInt/],
  ])("what the program changed of the language is refused: %s", (_, holder, key, value, fn, message) => {
    const before = refusal(fn);
    change(holder, key, { value });
    expect([before, refusal(fn)]).toEqual(["it was shipped", expect.stringMatching(message)]);
    expect(refusal(fn)).toMatch(/move it to a function of your own/);
  });

  test("what the program changed of the language is refused by another name too", () => {
    const numbers = Math;
    change(Math, "hypot", { value: () => 0 });
    expect(refusal(() => numbers.hypot(3, 4))).toMatch(/Math\.hypot/);
  });

  test("what the program changed of the language is refused if it is a getter, too", () => {
    change(Array.prototype, "first", { get: () => 1 });
    expect(refusal((list: { first: number }) => list.first)).toMatch(/Array\.prototype\.first/);
  });

  test("a function that uses nothing of what the program changed is sent, and a captured function of that kind is the program's own", () => {
    change(Math, "expm1", { value: () => 42 });
    const { expm1 } = Math;
    expect(refusal(() => Math.max(1, 2))).toBe("it was shipped");
    expect(shipFunction(() => expm1(1)).source).toContain("42");
  });
});

describe("what the program changed of a package or of Node", () => {
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
  ])("what the program changed of a package or of Node is refused: %s", (_, holder, key, fn, message) => {
    const before = refusal(fn);
    change(holder, key, { value: () => 1 });
    expect([before, refusal(fn)]).toEqual(["it was shipped", expect.stringMatching(message)]);
  });

  test("a subclass of what a package or Node has may be changed", () => {
    class Own extends EventEmitter {}
    Object.assign(Own.prototype, { extra: () => 1 });
    expect(refusal(() => (new Own() as Own & { extra(): number }).extra())).toBe("it was shipped");
  });
});
