import * as devalueNamespace from "devalue";
import { stringify } from "devalue";
import { ulid } from "ulid";
import { describe, expect, test } from "vitest";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { depend, dependent, requires } from "../../client/views/requires.ts";
import { loadModules } from "../../lambdas/engine/worker/engine-modules.ts";
import { loadFunction } from "../../lambdas/engine/worker/load-function.ts";
import { runFunction } from "../../lambdas/engine/worker/run-function.ts";
import { checksOf, runChecks } from "../../lambdas/engine/worker/task-checks.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CaptureError, UnmetDependency } from "../../lambdas/protocol/errors.ts";

/** Ships the function and runs it as an engine does. This engine has the project's packages. */
async function onEngine<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): Promise<unknown> {
  const { source, hash, data, modules } = shipFunction(fn);
  const surroundings = { own: {}, modules: await loadModules(modules) };
  const loaded = loadFunction(source, hash, decodeValue(encodeValue(data, "data")), surroundings);
  await runChecks(checksOf(loaded) ?? []);
  return runFunction(loaded, args);
}

declare const zlib: typeof import("node:zlib");
declare const promises: typeof import("node:fs/promises");
declare const crypto: typeof import("node:crypto");
declare const devalue: typeof import("devalue");
declare const limit: number;
declare const helper: (x: number) => number;

describe("a required module", () => {
  test("a required module is bound under the last part of its name, and the engine is asked for it", async () => {
    const fn = requires("node:zlib", "node:fs/promises")(() => [typeof zlib.gzipSync, typeof promises.readFile]);
    expect(await onEngine(fn)).toEqual(["function", "function"]);
    expect(shipFunction(fn).modules).toEqual(["node:fs/promises", "node:zlib"]);
  });

  test("a required module hides a global of its name", async () => {
    expect(await onEngine(requires("node:crypto")(() => crypto.createHash("md5").update("a").digest("hex")))).toMatch(
      /^0cc1/,
    );
  });

  test("a required module without a default export is its namespace, and is not bundled", async () => {
    const fn = requires("devalue")((x: unknown) => devalue.stringify(x));
    expect(await onEngine(fn, [1])).toBe("[[1],1]");
    expect(shipFunction(fn)).toMatchObject({ packages: [], modules: ["devalue"] });
  });

  test("an import of a required module refers to the engine's module, and is not bundled", async () => {
    const named = requires("ulid", "devalue")(() => [typeof ulid, ulid(1).slice(0, 10), stringify([1])]);
    expect(await onEngine(named)).toEqual(["function", "0000000001", "[[1],1]"]);
    expect(shipFunction(named).packages).toEqual([]);
    const namespace = requires("devalue")(() => devalueNamespace.uneval([1]));
    expect(await onEngine(namespace)).toBe("[1]");
    expect(shipFunction(namespace).packages).toEqual([]);
  });

  test("a required module is not bundled for the function's callees, or for a function that calls it", async () => {
    const inner = () => stringify([1]);
    const below = requires("devalue")(() => inner());
    expect(await onEngine(below)).toBe("[[1],1]");
    const above = () => [stringify([2]), below()];
    expect(await onEngine(above)).toEqual(["[[1],2]", "[[1],1]"]);
    expect(shipFunction(above)).toMatchObject({ packages: [], modules: ["devalue"] });
  });

  test("a dynamic import of a required module gives the engine's module", async () => {
    const fn = requires("devalue")(async () => (await import("devalue")).stringify([1]));
    expect(await onEngine(fn)).toBe("[[1],1]");
    expect(shipFunction(fn).packages).toEqual([]);
  });

  test("an unused required module still makes a different unit", () => {
    const fn = (x: number) => x;
    expect(shipFunction(requires("sharp")(fn)).modules).toEqual(["sharp"]);
    expect(shipFunction(requires("sharp")(fn)).hash).not.toBe(shipFunction(fn).hash);
  });

  test("the error names a required module that this engine lacks", async () => {
    const fn = requires("node:zlib", "@nobody/left-pad/x")(() => 1);
    await expect(onEngine(fn)).rejects.toMatchObject({ module: "@nobody/left-pad/x" });
  });

  test.each([["./local.js"], ["/etc/x.js"], ["../x"], ["file:///x.js"], [""], ["a b"], ["@scope"], ["node:nothing"]])(
    "a required module cannot be named %j",
    (name) => {
      expect(() => requires(name)).toThrow(TypeError);
      expect(() => requires(name)).toThrow(/args\[0\].*not the name of an installed module/);
    },
  );
});

describe("required functions and values", () => {
  test("required functions and values compose: baz requires bar, which requires foo", async () => {
    const foo = (x: number) => x * x;
    const bar = requires(foo)((x: number) => foo(x));
    const baz = requires(bar)((a: number, b: number) => bar(a) - bar(b));
    expect(await onEngine(baz, 4, 5)).toBe(-9);
    expect(baz(4, 5)).toBe(-9);
  });

  test("a required function replaces the free name that holds it, or else its own name", async () => {
    const renamed = function helper(x: number) {
      return x + 1;
    };
    expect(
      await onEngine(
        requires(renamed)((x: number) => renamed(x)),
        1,
      ),
    ).toBe(2);
    const { own } = { own: renamed };
    expect(
      await onEngine(
        requires(own)((x: number) => helper(x)),
        1,
      ),
    ).toBe(2);
  });

  test("required values are bound by name, the outer ones first, and visible to that function only", async () => {
    const inner = requires({ limit: 1 })(() => limit);
    expect(await onEngine(inner)).toBe(1);
    expect(await onEngine(requires({ limit: 2 })(inner))).toBe(2);
    const two = requires({ limit: 3, helper: (x: number) => x * 2 })(() => [limit, helper(4), inner()]);
    expect(await onEngine(two)).toEqual([3, 8, 1]);
    expect(() => shipFunction(() => [inner(), limit])).toThrow(/limit.*not defined/);
  });

  test("required values are captured when the function is shipped, and each loaded function has its own", async () => {
    const list: number[] = [];
    const fn = requires({ list })(() => list.push(1));
    list.push(0);
    expect(await onEngine(fn)).toBe(2);
    expect(await onEngine(fn)).toBe(2);
    expect(list).toEqual([0]);
  });

  test("required functions and values that cannot be sent are refused with their path", () => {
    const fn = requires({ limit: Promise.resolve() })(() => limit);
    expect(() => shipFunction(fn)).toThrow(CaptureError);
    expect(() => shipFunction(fn)).toThrow(/→ limit: is a promise/);
    const nameless = [(x: number) => x][0] as (x: number) => number;
    expect(() => shipFunction(requires(nameless)(() => 1))).toThrow(/without a name.*\{ name: fn \}/);
  });

  test.each([[[]], [1], [null], [undefined], [new Map()], [{ "no name": 1 }]])(
    "required functions and values cannot be %s",
    (value) => {
      expect(() => requires(value as never)).toThrow(TypeError);
    },
  );

  test("required values need a function to be required by", () => {
    expect(() => requires("node:zlib")(1 as never)).toThrow(/takes a function, not number/);
    expect(() => dependent(null as never, () => true)).toThrow(/takes a function, not null/);
    expect(() => depend(undefined as never)).toThrow(TypeError);
  });
});

describe("a predicate", () => {
  const least = 3;
  const atLeast = (x: number, more = { by: 0 }) => x + more.by >= least;

  test("a predicate is sent with its arguments and captured values", async () => {
    expect(
      await onEngine(
        depend(atLeast, 2, { by: 1 })((x: number) => x + 1),
        1,
      ),
    ).toBe(2);
    await expect(
      onEngine(
        dependent((x: number) => x + 1, atLeast, 2),
        1,
      ),
    ).rejects.toThrow(UnmetDependency);
    await expect(onEngine(depend(async () => false)(() => 1))).rejects.toMatchObject({ code: "UnmetDependency" });
  });

  test.each([[0], [null], [undefined], [""], [true]])("a predicate that gives %j lets the task run", async (given) => {
    expect(await onEngine(depend(() => given)(() => 1))).toBe(1);
  });

  test("a predicate is evaluated for a function that captures the guarded one, also in data", async () => {
    const never = depend(() => false)(() => 1);
    const table = { never };
    await expect(onEngine(() => never())).rejects.toThrow(UnmetDependency);
    await expect(onEngine(() => table.never())).rejects.toThrow(UnmetDependency);
    await expect(onEngine(requires({ helper: never })(() => helper(1)))).rejects.toThrow(UnmetDependency);
  });

  test("predicates are evaluated once, in the order of the guards", async () => {
    const asked = globalThis as unknown as { asked?: string[] };
    asked.asked = [];
    const note = (what: string) => (globalThis as unknown as { asked: string[] }).asked.push(what);
    const fn = depend(
      note,
      "outer",
    )(requires("node:zlib")(depend(note, "inner")((n: number): number => (n === 0 ? 0 : fn(n - 1)))));
    expect(await onEngine(fn, 3)).toBe(0);
    expect(asked.asked).toEqual(["outer", "inner"]);
  });

  test("a local call evaluates no predicate and looks for no module", () => {
    const fn = requires("@nobody/x")(depend(() => false)(function (this: unknown, x: number) { return [this, x]; })); // biome-ignore format: as written
    expect(fn.call("me", 1)).toEqual(["me", 1]);
    const { name, length } = depend(() => false)(function named(_a: number, _b: number) {});
    expect([name, length]).toEqual(["named", 2]);
  });

  test("a predicate may guard a built-in function of the language or of Node", async () => {
    expect(await onEngine(depend(() => true)(Math.hypot), 3, 4)).toBe(5);
    await expect(onEngine(depend(() => false)(Math.hypot), 3, 4)).rejects.toThrow(UnmetDependency);
  });

  test("a predicate that cannot be sent is refused with its path", () => {
    const ws = Promise.resolve();
    const usable = () => ws instanceof Promise;
    expect(() => shipFunction(depend(usable)(function fn() {}))).toThrow(/^fn → depend\(usable\) → ws: /);
  });
});
