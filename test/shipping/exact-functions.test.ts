import { describe, expect, test } from "vitest";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { loadFunction } from "../../lambdas/engine/worker/load-function.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";

/** Returns the function's result after loading it as an engine does. */
function onEngine<R>(fn: (...args: never[]) => R, ...args: unknown[]): R {
  const { source, hash, data } = shipFunction(fn);
  const surroundings = { own: {}, modules: new Map() };
  return loadFunction(source, hash, decodeValue(encodeValue(data, "data")), surroundings)(...args) as R;
}

describe("functions and classes that were changed", () => {
  class Account {
    m() {
      return 1;
    }
    gone() {
      return 1;
    }
  }
  const original = Account.prototype.m;
  Account.prototype.m = function () {
    return original.call(this) + 10;
  };
  Object.defineProperty(Account.prototype, "half", { get: () => 7 });
  Object.assign(Account.prototype, { added: () => 5 });
  Reflect.deleteProperty(Account.prototype, "gone");
  const changed = Account as unknown as new () => Record<"m" | "added" | "gone", () => number> & { half: number };

  test("changed methods and accessors of a class are sent as they are now", () => {
    const fn = () => [new changed().m(), new changed().added(), new changed().half, "gone" in new changed()];
    expect(onEngine(fn)).toEqual([11, 5, 7, false]);
  });

  test("accessors that were added to a constructor's prototype, or to a function, are sent", () => {
    const Maker = new Function(
      'function T(x) { this.x = x; } Object.defineProperty(T.prototype, "thrice", { get() { return this.x * 3; } }); return T;',
    )() as new (
      x: number,
    ) => { thrice: number };
    const lazy = Object.defineProperty(() => 1, "value", { get: () => 9 }) as (() => number) & { value: number };
    expect(onEngine(() => [new Maker(2).thrice, lazy.value])).toEqual([6, 9]);
  });

  test("static fields are sent with their values, and no initialiser runs again", () => {
    const made: string[] = [];
    class Registry {
      static count = 0;
      static #secret = 1;
      static one: Registry;
      label = "one";
      static {
        made.push("Registry");
        Registry.one = new Registry();
      }
      static describe() {
        return Registry.#secret++;
      }
    }
    Registry.count = 7;
    Registry.describe();
    const fn = () => [
      made.length,
      Registry.count,
      Registry.describe(),
      Registry.one instanceof Registry,
      Registry.one.label,
    ];
    expect(onEngine(fn)).toEqual([1, 7, 2, true, "one"]);
  });

  test("a static field that cannot be sent is refused with its path", () => {
    class Client {
      static ready = Promise.resolve();
      label = "one";
    }
    expect(() => shipFunction(() => Client.ready)).toThrow(/Client\.ready: is a promise/);
  });
});

describe("bound functions", () => {
  function scale(this: { by: number }, plus: number, x: number) {
    return x * this.by + plus;
  }
  test("bound functions are sent with their target, `this` and arguments", () => {
    const once = scale.bind({ by: 3 }, 1);
    const twice = (once as (...args: number[]) => number).bind(null, 2);
    expect([onEngine(once, 2), onEngine(() => [once(1), twice(), once.name])]).toEqual([7, [4, 7, "bound scale"]]);
  });

  test("a bound function may have a built-in function as its target", () => {
    const join = Array.prototype.join.call.bind(Array.prototype.join) as (list: unknown[], by: string) => string;
    const log = console.log.bind(console, "prefix");
    expect(onEngine(() => [join([1, 2], "-"), typeof log])).toEqual(["1-2", "function"]);
  });
});

describe("private fields that a compiler made a WeakMap and a WeakSet", () => {
  const code = new WeakMap<object, number>();
  const known = new WeakSet<object>();
  class Pin {
    static readonly first = new Pin(1);
    constructor(value: number) {
      known.add(this);
      code.set(this, value);
    }
    get code() {
      return known.has(this) ? code.get(this) : "no pin";
    }
  }
  test("private fields that a compiler turned into a WeakMap and a WeakSet work for sent instances and for new ones", () => {
    expect(onEngine(() => [new Pin(4).code, Pin.first.code])).toEqual([4, 1]);
  });
});

describe("objects that two functions use", () => {
  test("an object that two functions use stays one object, although one of them reads only a field of it", () => {
    const state = { n: 0 };
    const get = () => state.n;
    const fn = () => {
      const before = get();
      state.n++;
      return [before, get()];
    };
    expect(onEngine(fn)).toEqual([0, 1]);
  });

  test("two functions may use two views of one buffer", () => {
    const { buffer } = new Uint8Array(8);
    const [bytes, words] = [new Uint8Array(buffer), new Uint32Array(buffer)];
    const fn = () => {
      words[0] = 1;
      return bytes[0];
    };
    expect(onEngine(fn)).toBe(1);
  });
});

describe("captured arrays", () => {
  test("the cost of a captured array depends on its items, not on its length", () => {
    const sparse: number[] = [];
    sparse[100_000_000] = 5;
    const begun = process.cpuUsage();
    expect(onEngine(() => sparse[100_000_000])).toBe(5);
    expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(2_000);
  });

  test("captured arrays keep their named fields, functions in these too", () => {
    const match = "k1=v1".match(/(?<key>\w+)=(?<value>\w+)/);
    const list = Object.assign([1, 2], { total: () => 3 });
    expect(onEngine(() => [match?.index, match?.groups?.value, list.total()])).toEqual([0, "v1", 3]);
  });
});

describe("objects that data cannot tell", () => {
  test("captured objects keep accessors, symbols, prototypes and the effect of Object.freeze", () => {
    const mark = Symbol("mark");
    const counter = { n: 1, [mark]: 2, get double() { return this.n * 2; } }; // biome-ignore format: as written
    const child = Object.create(counter) as typeof counter;
    const fixed = Object.freeze({ deep: [1] });
    const fn = () => {
      counter.n = 4;
      return [counter.double, counter[mark], child.double, Object.isFrozen(fixed), Object.isFrozen(fixed.deep)];
    };
    expect(onEngine(fn)).toEqual([8, 2, 8, true, false]);
  });
});

describe("names that exist elsewhere", () => {
  test.each<[string, string, unknown]>([
    [
      "behind a const",
      'const isBrowser = typeof window !== "undefined"; return () => (isBrowser ? document.title : "node")',
      "node",
    ],
    ["behind another name", 'return () => (typeof window !== "undefined" ? document.title : "node")', "node"],
    ["within try", 'return () => { try { return Deno.env; } catch { return "none"; } }', "none"],
    ["in a helper that is not called", "const helper = () => document.title; return () => (0 > 1 ? helper() : 1)", 1],
  ])("a global that may exist elsewhere is left free: %s", (_, text, gives) => {
    expect(onEngine(new Function(text)())).toBe(gives);
  });
});

test("a captured AsyncResult is refused with the advice to pass it as an argument", () => {
  class AsyncResult {
    // biome-ignore lint/suspicious/noThenProperty: as the real one has it
    then() {
      return 1;
    }
  }
  const result = new AsyncResult();
  expect(() => shipFunction(() => result)).toThrow(/pass it as an argument, so that the task waits/);
});
