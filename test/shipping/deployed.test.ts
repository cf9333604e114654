import { describe, expect, test } from "vitest";
import { depend, deployed, explain, requires } from "../../client/index.ts";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { BlobDrafts } from "../../client/submit/blob-drafts.ts";
import { FunctionUnits } from "../../client/submit/function-units.ts";
import { bringDeployed } from "../../lambdas/authoring/deployed-names.ts";
import { DeployedFunctions } from "../../lambdas/engine/worker/deployed-functions.ts";
import { engineExports } from "../../lambdas/engine/worker/engine-exports.ts";
import { loadFunction } from "../../lambdas/engine/worker/load-function.ts";
import { checksOf } from "../../lambdas/engine/worker/task-checks.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CaptureError, CodeShippingOff, UnknownFunction } from "../../lambdas/protocol/errors.ts";
import type { CodeReference } from "../../lambdas/protocol/function-reference.ts";

interface Module {
  double(x: number): number;
  sum(xs: number[]): number;
  limit: number;
}
const { double, sum } = deployed<Module>();
const functions = deployed<Module>();

/** The functions that the engine has. */
const OWN = new Map<string, (...args: unknown[]) => unknown>([
  ["double", (x) => Number(x) * 2],
  ["sum", (xs) => (xs as number[]).reduce((a, b) => a + b, 0)],
]);

function onEngine(fn: (...args: never[]) => unknown): (...args: unknown[]) => unknown {
  const { source, hash, data } = shipFunction(fn);
  const captured = decodeValue(encodeValue(data, "data"));
  return loadFunction(source, hash, captured, { own: engineExports, modules: new Map(), deployed: OWN });
}

describe("a function that is sent", () => {
  test("a sent function gets the engine's own deployed functions for those in its variables, data and other functions", () => {
    const table = { twice: double, others: new Map([["all", sum]]) };
    const through = (x: number) => double(x) + 1;
    const fn = (xs: number[]) => [through(table.twice(2)), table.others.get("all")?.(xs.map(double))];
    expect(onEngine(fn)([1, 2])).toEqual([9, 6]);
    expect(shipFunction(fn).uses).toEqual(["double", "sum"]);
    expect(explain(fn).captured).toContainEqual({ path: "fn → through → double", kind: "deployed", what: "double" });
  });

  test("a sent function gets the engine's own deployed function with a sent predicate, which is evaluated before the task", () => {
    const fast = () => false;
    const fn = onEngine(depend(fast)(double));
    expect(fn(4)).toBe(8);
    const [[predicate] = []] = checksOf(fn) ?? [];
    expect(predicate?.()).toBe(false);
  });

  test("a sent function may use members of the object of all deployed functions if their names can be seen", () => {
    const here = new DeployedFunctions("none:");
    Object.defineProperty(here, "loaded", { value: OWN });
    bringDeployed(here);
    try {
      expect(onEngine((x: number) => functions.double(x) + functions.sum([x, 1]))(3)).toBe(10);
    } finally {
      bringDeployed(undefined as never);
    }
    expect(shipFunction((x: number) => functions.double(x)).uses).toEqual(["double"]);
    expect(() => shipFunction(() => Object.keys(functions))).toThrow(CaptureError);
    expect(() => shipFunction(() => Object.keys(functions))).toThrow(/name the ones you use/);
  });
});

describe("the reference of a function", () => {
  const units = (rules: FunctionUnits["rules"]) => Object.assign(new FunctionUnits(), { rules });
  const known = { shipping: true, functions: ["double", "sum", "isFast"] };
  const reference = (fn: unknown, rules = known) => units(rules).reference(fn, {}, new BlobDrafts());
  const isFast = deployed<(speed: number) => boolean>("isFast");

  test("the reference of a deployed function is its name, with its predicates and required modules", () => {
    expect(reference(double)).toEqual({ deployed: "double" });
    expect(reference(requires("sharp", "node:zlib")(depend(isFast, 3)(double)))).toEqual({
      deployed: "double",
      modules: ["node:zlib", "sharp"],
      checks: [{ deployed: "isFast", args: "J[3]" }],
    });
    expect(() => reference(requires({ limit: 1 })(double))).toThrow(/cannot bind values or functions to it/);
  });

  test("the reference of a deployed function with a predicate that must be sent is code, if code is allowed", () => {
    const guarded = depend(() => true)(double);
    expect(reference(guarded)).toMatchObject({ code: expect.any(String), uses: ["double"] });
    expect(() => reference(guarded, { ...known, shipping: false })).toThrow(CodeShippingOff);
  });

  test("a function that uses a name that was not deployed is refused at the call", () => {
    const halve = deployed<(x: number) => number>("halve");
    expect(() => reference((x: number) => halve(x))).toThrow(UnknownFunction);
    expect((reference((x: number) => double(x)) as CodeReference).uses).toEqual(["double"]);
    expect(() => reference(deployed<() => void>("duble"))).toThrow(/did you mean double\?/);
    expect(() => reference(deployed<() => void>("Sum"))).toThrow(/did you mean sum\?/);
    expect(() => reference(double, { shipping: true, functions: [] })).toThrow(
      /there are no deployed functions: name the module/,
    );
  });
});

test("all deployed functions at once are neither awaited nor written as JSON", async () => {
  expect(await Promise.resolve(functions)).toBe(functions);
  expect(JSON.stringify({ functions })).toBe('{"functions":{}}');
  expect("double" in functions).toBe(true);
  expect(functions.double).toBe(double);
});
