import { describe, expect, test } from "vitest";
import { registerClass } from "../../lambdas/authoring/register-class.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CodecError } from "../../lambdas/protocol/errors.ts";
import { Money, NoDisk, Point, Shape } from "../e2e/shapes.ts";

function roundTrip<T>(value: T): T {
  return decodeValue(encodeValue(value, "value")) as T;
}

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("an instance of a registered class", () => {
  test("an instance of a registered class is decoded as one, alone and at any depth", () => {
    const back = roundTrip({ list: [new Point(3, 4)], map: new Map([["p", new Set([new Point(1, 1)])]]) });
    expect(back.list[0]).toBeInstanceOf(Point);
    expect(back.list[0]?.norm()).toBe(5);
    expect([...(back.map.get("p") ?? [])][0]).toEqual(new Point(1, 1));
  });

  test("an instance of a registered class is decoded once, in cycles and however many objects refer to it", () => {
    const whole = new Shape("whole").add(new Shape("part")).add(new Shape("other"));
    const corner = new Point(3, 4);
    for (const part of whole.parts) part.corners = [corner, corner];
    const back = roundTrip(whole);
    expect(back).toBeInstanceOf(Shape);
    expect(back.parts.map(({ parent }) => parent === back)).toEqual([true, true]);
    expect(back.parts[0]?.corners[0]).toBe(back.parts[1]?.corners[1]);
    expect(back.parts[0]?.size).toBe(10);
    const narcissus = new Shape("self");
    narcissus.parent = narcissus;
    expect(roundTrip(narcissus).parent).toBeInstanceOf(Shape);
  });

  test("an instance of a class with its own functions is rebuilt by them", () => {
    const back = roundTrip([new Money(5n), { held: new Money(7n) }]) as [Money, { held: Money }];
    expect(back[0].twice().cents).toBe(10n);
    expect(back[1].held.cents).toBe(7n);
  });

  test("an error of a registered class keeps its class, message, stack, cause and fields", () => {
    const error = Object.assign(new NoDisk("c"), { cause: new NoDisk("d") });
    const back = roundTrip(error);
    expect(back).toBeInstanceOf(NoDisk);
    expect([back.message, back.disk, back.stack]).toEqual(["no disk c", "c", error.stack]);
    expect(back.cause).toBeInstanceOf(NoDisk);
  });

  test("an instance of a registered class keeps large fields, which are encoded separately", () => {
    class Image {
      readonly pixels = new Uint8Array(100_000).fill(7);
    }
    registerClass(Image, { name: "test image" });
    const back = roundTrip(new Image());
    expect(back).toBeInstanceOf(Image);
    expect(back.pixels).toEqual(new Image().pixels);
  });

  test("an instance of a registered class is decoded without calling its constructor or a setter", () => {
    let calls = 0;
    class Counted {
      declare size: number;
      constructor() {
        calls++;
        Object.defineProperty(this, "size", { value: 1, enumerable: true });
      }
      set width(_: number) {
        calls++;
      }
    }
    registerClass(Counted);
    const counted = Object.defineProperty(new Counted(), "width", { value: 5, enumerable: true });
    const back = roundTrip(counted) as Counted & { width: number };
    expect([calls, back.size, back.width]).toEqual([1, 1, 5]);
  });
});

describe("an instance is refused", () => {
  class Plain {
    at = 1;
  }
  class Special extends Point {}

  test("an instance of a class that is not registered is refused, with the remedy", () => {
    expect(() => encodeValue({ a: [new Plain()] }, "args[0]")).toThrow(CodecError);
    expect(() => encodeValue({ a: [new Plain()] }, "args[0]")).toThrow(
      "args[0].a[0]: is an instance of Plain: register its class with registerClass(Plain)",
    );
    expect(() => encodeValue(new Special(1, 2), "x")).toThrow(/registerClass\(Special\)/);
  });

  test("an instance is refused with the path of a field that cannot be sent, also inside the result of serialize", () => {
    const shape = Object.assign(new Shape("s"), { draw: () => 1 });
    expect(thrownBy(() => encodeValue([shape], "args"))).toMatchObject({ path: "args[0].draw" });
    class Wrapped {}
    registerClass(Wrapped, { serialize: () => ({ inner: [Symbol("s")] }), deserialize: () => new Wrapped() });
    expect(thrownBy(() => encodeValue({ w: new Wrapped() }, "args"))).toMatchObject({ path: "args.w.inner[0]" });
  });

  test("a process without the class refuses an instance with the remedy, and decodes an error as a plain error", () => {
    const nobody = () => undefined;
    const point = encodeValue(new Point(1, 2), "value");
    expect(() => decodeValue(point, undefined, nobody)).toThrow(
      /class Point, which is not registered here: call registerClass/,
    );
    const error = decodeValue(encodeValue(new NoDisk("c"), "value"), undefined, nobody);
    expect(error).not.toBeInstanceOf(NoDisk);
    expect(error).toMatchObject({ message: "no disk c", disk: "c" });
  });

  test.each([undefined, null, 5])("an instance is refused if its deserialize returns %s", (given) => {
    class Lost {}
    registerClass(Lost, { name: `lost as ${given}`, serialize: () => 1, deserialize: () => given as never });
    const text = encodeValue({ deep: [new Lost()] }, "value");
    expect(() => decodeValue(text)).toThrow(CodecError);
    expect(() => decodeValue(text)).toThrow(
      `an instance of lost as ${given}, whose deserialize returned ${given === 5 ? "number" : given}: it must return`,
    );
  });

  test("an instance in a cycle is refused if its class is rebuilt by a function that needs the instance itself", () => {
    class Ring {
      next: unknown;
    }
    registerClass(Ring, { serialize: ({ next }) => ({ next }), deserialize: () => new Ring() });
    const ring = new Ring();
    ring.next = ring;
    const text = encodeValue(ring, "value");
    expect(() => decodeValue(text)).toThrow();
  });
});

describe("a class cannot be registered", () => {
  test("a class without a name, or with the name of another class, cannot be registered", () => {
    expect(() => registerClass(class {})).toThrow(/has no name: pass \{ name \}/);
    const Other = { Point: class Point {} }.Point;
    expect(() => registerClass(Other)).toThrow(/another class is registered as Point/);
    expect(() => registerClass(Point, { name: "Dot" })).toThrow(/is already registered as Point/);
    expect(registerClass(Point)).toBe(Point);
    expect(registerClass(Other, { name: "other point" })).toBe(Other);
  });

  test("a class with state that cannot be read can be registered only with its own functions", () => {
    class Hidden {
      #secret = 1;
      get secret(): number {
        return this.#secret;
      }
    }
    expect(() => registerClass(Hidden)).toThrow(/private field #secret.*pass serialize and deserialize/);
    expect(() => registerClass(class Under extends Hidden {})).toThrow(/private field #secret/);
    expect(() => registerClass(class Bag extends Map {})).toThrow(/extends Map, whose content is not stored in fields/);
    expect(() => registerClass(class Row extends Float64Array {})).toThrow(/extends (Float64Array|TypedArray)/);
    class Colour {
      readonly css = "a.#fff"; // .#not a field
    }
    expect(registerClass(Colour)).toBe(Colour);
  });

  test("a class with only one of the two functions, or a value that is not a class, cannot be registered", () => {
    class Half {}
    expect(() => registerClass(Half, { serialize: () => 1 })).toThrow(/both serialize and deserialize, or neither/);
    expect(() => registerClass((() => 1) as never)).toThrow(TypeError);
    expect(() => registerClass(5 as never)).toThrow(TypeError);
  });
});
