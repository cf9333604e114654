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
    ["runs sent code", CODE, open, undefined],
    ["with codeShipping: false runs no sent code", CODE, closed, "CodeShippingOff"],
    ["runs a deployed function", { deployed: "load" }, closed, undefined],
    ["runs no other function by name", { deployed: "save" }, open, "UnknownFunction"],
    ["lets sent code use deployed functions", { ...CODE, uses: ["load", "store"] }, open, undefined],
    ["lets sent code use no other functions by name", { ...CODE, uses: ["load", "save"] }, open, "UnknownFunction"],
    [
      "accepts a predicate that was deployed",
      { deployed: "load", checks: [{ deployed: "store", args: "J[]" }] },
      open,
      undefined,
    ],
    [
      "accepts no other predicate by name",
      { deployed: "load", checks: [{ deployed: "fits", args: "J[]" }] },
      open,
      "UnknownFunction",
    ],
    [
      "whose functions are unknown accepts any name",
      { deployed: "save" },
      { ...open, functions: undefined },
      undefined,
    ],
  ])("a cluster %s", (_, reference, rules, code) => {
    expect(refusal(() => checkFunction(reference, rules))?.code).toBe(code);
  });
});

describe("the message for a name that was not deployed", () => {
  const message = (name: string, rules: Partial<CodeRules>) =>
    refusal(() => checkName(name, { ...open, ...rules }))?.message;

  test("the message for a name that was not deployed lists the deployed names and a similar one", () => {
    expect(message("laod", {})).toBe(
      'no function "laod" was deployed; did you mean load? (deployed functions: load, store)',
    );
    expect(refusal(() => checkName("laod", open))?.near).toEqual(["load"]);
  });

  test("the message for a name that was not deployed lists at most twenty names", () => {
    const functions = Array.from({ length: 22 }, (_, at) => `step${at}`);
    expect(message("unlike", { functions })).toBe(
      `no function "unlike" was deployed (deployed functions: ${functions.slice(0, 20).join(", ")}, and 2 more)`,
    );
    expect(message("unlike", { functions: functions.slice(0, 20) })).not.toContain("more");
  });

  test("the message for a name that was not deployed says how to deploy a function if there are none", () => {
    expect(message("load", { functions: [] })).toBe(
      'no function "load" was deployed (there are no deployed functions: name the module that exports them as `functions` when you deploy or start the cluster)',
    );
  });

  test("the message for a name that was not deployed says how to refresh the list if it may be outdated", () => {
    expect(message("save", { mayBeOld: true })).toMatch(
      /\); if the cluster was deployed again since the client last read their names, call `await client\.waitForEngines\(1\)` and try again$/,
    );
  });
});

describe("the error for code that a cluster refuses", () => {
  test.each<[string, string, string]>([
    [
      "a deployed function of the same name",
      "load",
      'pass deployed("load") instead, which was deployed under that name',
    ],
    ["a way to deploy it", "step", 'pass deployed("its name")'],
  ])("the error for code that a cluster refuses names %s", (_, name, remedy) => {
    const { message } = codeRefused(name, closed);
    expect(message).toContain(`function ${name} cannot be sent`);
    expect(message.endsWith(remedy)).toBe(true);
  });

  test("the error for code that a cluster refuses says how to refresh the list if it may be outdated", () => {
    expect(codeRefused("step", { ...closed, mayBeOld: true }).message).toContain("and try again");
  });
});
