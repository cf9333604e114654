import { describe, expect, test } from "vitest";
import { instanceReducer, reviveInstances } from "../../lambdas/protocol/class-instances.ts";
import { type RegisteredClass, recognizeClass } from "../../lambdas/protocol/class-registry.ts";
import { CodecError } from "../../lambdas/protocol/errors.ts";

class Point {
  x = 1;
  y = 2;
  get sum() {
    return this.x + this.y;
  }
}
class Money {
  readonly cents: bigint;
  constructor(cents: bigint) {
    this.cents = cents;
  }
}
const POINT: RegisteredClass = { name: "Point", made: Point };
const MONEY: RegisteredClass = {
  name: "Money",
  made: Money,
  serialize: (money) => (money instanceof Money ? String(money.cents) : undefined),
  deserialize: (text) => new Money(BigInt(String(text))),
};
for (const registered of [POINT, MONEY]) recognizeClass(registered);

const revive = (written: unknown, ...classes: RegisteredClass[]) =>
  reviveInstances((name) => classes.find((one) => one.name === name))(written);

describe("an instance of a registered class", () => {
  test.each<[string, object, Record<string, unknown>]>([
    ["is encoded as its class's name and its fields", new Point(), { "\0class": "Point", x: 1, y: 2 }],
    ["is encoded by its class's own function", new Money(5n), { "\0class": "Money", "": "5" }],
    [
      "has all its fields apart if one is hidden",
      Object.defineProperty(new Point(), "z", { value: 3 }),
      { "\0class": "Point", "\0hidden": ["z"], "\0fields": { x: 1, y: 2, z: 3 } },
    ],
    [
      "has all its fields apart if one is named as the codec's",
      Object.assign(new Point(), { "": 3 }),
      { "\0class": "Point", "\0hidden": [], "\0fields": { x: 1, y: 2, "": 3 } },
    ],
  ])("an instance of a registered class %s", (_, instance, written) => {
    expect(instanceReducer()(instance)).toEqual(written);
  });

  test("an instance is serialized once, however often it occurs", () => {
    const reduce = instanceReducer();
    const money = new Money(5n);
    expect(reduce(money)).toBe(reduce(money));
  });

  test.each<[string, unknown]>([
    ["a plain object", { x: 1 }],
    ["an instance of another class", new (class Other {})()],
    ["an instance with a getter of its own", Object.defineProperty(new Point(), "z", { get: () => 1 })],
    ["text", "Point"],
    ["null", null],
  ])("an instance of a registered class is not confused with %s", (_, value) => {
    expect(instanceReducer()(value)).toBeUndefined();
  });
});

describe("an instance that is read again", () => {
  test("a decoded instance gets the class of that name in this process, without a call of its constructor", () => {
    const back = revive({ "\0class": "Point", x: 7 }, POINT);
    expect(back).toBeInstanceOf(Point);
    expect(Object.keys(back)).toEqual(["x"]);
  });

  test("a decoded instance is the result of its class's own function", () => {
    expect(revive({ "\0class": "Money", "": "5" }, MONEY)).toEqual(new Money(5n));
  });

  test("a decoded instance keeps hidden fields, and fields for which its class has a getter", () => {
    const fields = { "\0class": "Point", sum: 9, "\0fields": { z: 3 }, "\0hidden": ["z"] };
    const back = revive(fields, POINT);
    expect(Object.getOwnPropertyDescriptor(back, "sum")).toMatchObject({ value: 9, enumerable: true });
    expect(Object.getOwnPropertyDescriptor(back, "z")).toMatchObject({ value: 3, enumerable: false });
  });

  test("an instance that contains itself is decoded as one object", () => {
    const written = { "\0class": "Point", x: 1 };
    const read = reviveInstances(() => POINT);
    expect(read(written)).toBe(read(written));
  });

  test.each<[string, unknown, RegisteredClass[], string]>([
    ["its class is not registered here", { "\0class": "Gone" }, [POINT], "class Gone, which is not registered here"],
    [
      "it is inside itself",
      { "\0class": "Money" },
      [MONEY],
      "contains a circular reference through an instance of Money",
    ],
    [
      "its class's function returns no object",
      { "\0class": "Money", "": "5" },
      [{ ...MONEY, deserialize: () => JSON.parse("null") }],
      "whose deserialize returned null: it must return the instance",
    ],
  ])("an encoded instance is refused if %s", (_, written, classes, message) => {
    expect(() => revive(written, ...classes)).toThrow(CodecError);
    expect(() => revive(written, ...classes)).toThrow(message);
  });
});
