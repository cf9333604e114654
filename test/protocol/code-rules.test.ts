import { describe, expect, test } from "vitest";
import { type CodeRules, checkFunction, checkName, codeRefused } from "../../lambdas/protocol/code-rules.ts";
import { CodeShippingOff, UnknownFunction } from "../../lambdas/protocol/errors.ts";
import type { FunctionReference } from "../../lambdas/protocol/function-reference.ts";

const CODE: FunctionReference = { code: "a".repeat(64), at: "table", name: "step" };
const open: CodeRules = { shipping: true, functions: ["load", "store"] };
const closed: CodeRules = { ...open, shipping: false };

function refusal(call: () => void): { code: string; message: string; near?: unknown } | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof UnknownFunction) return { code: error.code, message: error.message, near: error.near };
    if (error instanceof CodeShippingOff) return { code: error.code, message: error.message };
    throw error;
  }
}

describe("a cluster", () => {
  test.each<[string, FunctionReference, CodeRules, string | undefined]>([
    ["runs code", CODE, open, undefined],
    ["with codeShipping: false runs none", CODE, closed, "CodeShippingOff"],
    ["runs what was deployed", { deployed: "load" }, closed, undefined],
    ["runs nothing else by name", { deployed: "save" }, open, "UnknownFunction"],
    ["lets code use what was deployed", { ...CODE, uses: ["load", "store"] }, open, undefined],
    ["lets code use nothing else", { ...CODE, uses: ["load", "save"] }, open, "UnknownFunction"],
    [
      "checks needs by what was deployed",
      { deployed: "load", checks: [{ deployed: "store", args: "J[]" }] },
      open,
      undefined,
    ],
    [
      "checks needs by nothing else",
      { deployed: "load", checks: [{ deployed: "fits", args: "J[]" }] },
      open,
      "UnknownFunction",
    ],
    ["whose functions are not known runs any name", { deployed: "save" }, { ...open, functions: undefined }, undefined],
  ])("%s", (_, reference, rules, code) => {
    expect(refusal(() => checkFunction(reference, rules))?.code).toBe(code);
  });
});

describe("the message for a name that was not deployed", () => {
  const message = (name: string, rules: Partial<CodeRules>) =>
    refusal(() => checkName(name, { ...open, ...rules }))?.message;

  test("lists the names there are, and one that is near", () => {
    expect(message("laod", {})).toBe(
      'no function "laod" was deployed; did you mean load? (deployed functions: load, store)',
    );
    expect(refusal(() => checkName("laod", open))?.near).toEqual(["load"]);
  });

  test("lists twenty of many names", () => {
    const functions = Array.from({ length: 22 }, (_, at) => `step${at}`);
    expect(message("unlike", { functions })).toBe(
      `no function "unlike" was deployed (deployed functions: ${functions.slice(0, 20).join(", ")}, and 2 more)`,
    );
    expect(message("unlike", { functions: functions.slice(0, 20) })).not.toContain("more");
  });

  test("says how to deploy one where there are none", () => {
    expect(message("load", { functions: [] })).toBe(
      'no function "load" was deployed (there are no deployed functions: name the module that exports them as `functions` when you deploy or start the cluster)',
    );
  });

  test("says how to look again where the rules may be old", () => {
    expect(message("save", { mayBeOld: true })).toMatch(
      /\); if the cluster was deployed again since the client last looked, call `await client\.waitForEngines\(1\)` and try again$/,
    );
  });
});

describe("the error for code that a cluster refuses", () => {
  test.each<[string, string, string]>([
    [
      "a function of its name that was deployed",
      "load",
      'pass deployed("load") instead, which was deployed under that name',
    ],
    ["the way to deploy it otherwise", "step", 'pass deployed("its name")'],
  ])("names %s", (_, name, remedy) => {
    const { message } = codeRefused(name, closed);
    expect(message).toContain(`function ${name} cannot be sent`);
    expect(message.endsWith(remedy)).toBe(true);
  });

  test("says how to look again where the rules may be old", () => {
    expect(codeRefused("step", { ...closed, mayBeOld: true }).message).toContain("and try again");
  });
});
