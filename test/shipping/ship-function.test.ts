import { createHash } from "node:crypto";
import { parse } from "acorn";
import { afterEach, describe, expect, test } from "vitest";
import { explain } from "../../client/shipping/explain.ts";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { registerOwnExports } from "../../client/shipping/values/own-exports.ts";
import { loadFunction } from "../../lambdas/engine/worker/load-function.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import * as errors from "../../lambdas/protocol/errors.ts";
import { UnmetDependency } from "../../lambdas/protocol/errors.ts";

function onEngine(fn: unknown, own: Record<string, unknown> = {}) {
  const { source, hash, data } = shipFunction(fn);
  return loadFunction(source, hash, decodeValue(encodeValue(data, "data")), { own, modules: new Map() });
}

describe("a code unit", () => {
  const make = (factor: number) => (x: number) => x * factor;

  test("a code unit is the same for closures of one source, which differ in their data", () => {
    const [five, six] = [shipFunction(make(5)), shipFunction(make(6))];
    expect(five.hash).toBe(six.hash);
    expect(five.source).toBe(six.source);
    expect([five.data, six.data]).toEqual([[[5]], [[6]]]);
  });

  test("a code unit's hash is the SHA-256 of its source", () => {
    const { source, hash } = shipFunction(make(5));
    expect(hash).toBe(createHash("sha256").update(source).digest("hex"));
  });

  test("a code unit contains no captured value, whatever its type", () => {
    const texts = { inner: "visible-text", list: ["other-text"] };
    expect(shipFunction(() => Object.keys(texts)).source).not.toMatch(/visible-text|other-text/);
  });

  test("two runs produce the same code unit, packages included", () => {
    const count = (code: string) => parse(code, { ecmaVersion: 2022 }).body.length;
    expect(shipFunction(count).hash).toBe(shipFunction(count).hash);
    expect(shipFunction(count).packages).toEqual([expect.stringMatching(/^acorn@\d/)]);
  });

  test("a code unit lists the modules of Node that it needs", () => {
    expect(shipFunction((x: string) => createHash("md5").update(x).digest("hex")).requires).toEqual(["node:crypto"]);
  });
});

describe("captured values", () => {
  test("variables are captured with their current values, also when the same function is shipped again", () => {
    let limit = 1;
    const fn = () => limit;
    const before = shipFunction(fn);
    limit = 2;
    expect([before.data, shipFunction(fn).data]).toEqual([[[1]], [[2]]]);
  });

  test("each loaded function has its own captured values", () => {
    const list: number[] = [];
    const push = (x: number) => {
      list.push(x);
      return [...list];
    };
    const [one, other] = [onEngine(push), onEngine(push)];
    one(1);
    expect([one(2), other(3), list]).toEqual([[1, 2], [3], []]);
  });

  test("captured values may contain functions anywhere, also in cycles", () => {
    const node: Record<string, unknown> = { go: (x: number) => x + 1 };
    node.self = node;
    const table = { map: new Map([[node.go, [node]]]), set: new Set([node.go]) };
    const fn = (x: number) => {
      const go = [...table.set][0] as (x: number) => number;
      const inner = table.map.get(go)?.[0] as typeof node;
      return [go(x), inner.self === inner, inner.go === go, Object.keys(table).length];
    };
    expect(onEngine(fn)(1)).toEqual(fn(1));
  });
});

describe("fantail's own exports", () => {
  registerOwnExports({ UnmetDependency, task: fakeTask });
  function fakeTask() {
    return "here";
  }
  const own = {
    UnmetDependency: class EngineUnmet {},
    task: () => "on the engine",
  };

  test("fantail's own exports are the engine's copies, imported by name or in a namespace", () => {
    const fn = () => [
      new UnmetDependency().constructor.name,
      new errors.UnmetDependency().constructor.name,
      fakeTask(),
    ];
    expect(onEngine(fn, own)()).toEqual(["EngineUnmet", "EngineUnmet", "on the engine"]);
  });

  test("fantail's own exports are recognized inside captured data too", () => {
    const kinds = [UnmetDependency];
    expect(onEngine(() => kinds.map((Kind) => new Kind().constructor.name), own)()).toEqual(["EngineUnmet"]);
  });

  test("exports of fantail that an engine lacks are refused at once", () => {
    expect(() => onEngine(() => new UnmetDependency())).toThrow(/no export UnmetDependency/);
  });
});

describe("globals", () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, "appLimit");
  });

  test("globals that the caller created are captured", () => {
    Object.assign(globalThis, { appLimit: 4 });
    const fn = new Function("return () => appLimit * 2")();
    expect(onEngine(fn)()).toBe(8);
  });

  test("globals that may be absent stay absent", () => {
    const fn = new Function("return () => typeof document === 'undefined' ? 'none' : document.title")();
    expect(onEngine(fn)()).toBe("none");
  });
});

describe("counters of a coverage tool", () => {
  test("counters of a coverage tool are inert on an engine", () => {
    const fn = new Function(
      "const cov_1a2b = () => { throw new Error('shipped') }; return (x) => { cov_1a2b().f[0]++; cov_1a2b().s[3]++; cov_1a2b().b[0][1]++; return x * 2 }",
    )();
    expect(onEngine(fn)(4)).toBe(8);
  });
});

describe("stacks", () => {
  test("stacks name the unit and the function, with lines counted from the unit's first", () => {
    const explode = () => {
      throw new Error("here");
    };
    const { hash, source, data } = shipFunction(explode);
    let stack = "";
    try {
      loadFunction(source, hash, data, { own: {}, modules: new Map() })();
    } catch (error) {
      stack = String((error as Error).stack);
    }
    const line = Number(new RegExp(`explode \\(fantail:${hash.slice(0, 8)}/explode:(\\d+):`).exec(stack)?.[1]);
    expect(source.split("\n")[line - 1]).toContain("throw");
  });
});

describe("explain", () => {
  test("explain lists everything that would be sent, with paths and sizes", () => {
    const limit = [1, 2, 3];
    const helper = (x: number) => x + limit.length;
    const fn = (x: string) => helper(x.length) + createHash("md5").digest().length;
    const told = explain(fn);
    expect(told).toMatchObject({ name: "fn", requires: ["node:crypto"], packages: [] });
    expect(told.captured.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      "function fn",
      "function fn → helper",
      "data fn → helper → limit",
      "builtin fn → createHash",
    ]);
    expect(told.captured[2]).toMatchObject({ what: "array of 3", bytes: 8 });
    expect(told.sourceBytes).toBe(Buffer.byteLength(told.source));
  });
});
