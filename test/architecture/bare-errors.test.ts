import { parse } from "acorn";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { modulesBelow } from "./module-imports.ts";

const BUILT_IN = /^(?:Aggregate|Eval|Range|Reference|Syntax|Type|URI)?Error$/;

/** Modules that create errors of JavaScript's own classes, each with its reason. */
const MAKERS: Record<string, string> = {
  "client/dashboard/page/server.ts": "runs in a browser, for which fantail has no errors",
  "client/local/lambda/function-module.ts": "throws what Lambda's own runtime client throws",
  "client/timeline/page/page.ts": "runs in a browser, for which fantail has no errors",
  "lambdas/protocol/error-display.ts": "copies an error for Node to display, and reads the stack of one",
  "lambdas/protocol/error-value.ts": "decodes what users throw and return",
  "lambdas/protocol/thrown.ts": "copies what a user's function threw",
};

/** Error classes that users never see as such, and the base classes of those they see. */
const CLASSES: Record<string, string> = {
  CommandFailure: "ends the command, with its exit code",
  Damage: "becomes UnreadableRow, which names the row",
  FantailError: "the base of all others",
  FantailTypeError: "the base of InvalidArgument, which is a FantailError and a TypeError",
  LambdaError: "an answer of the embedded Lambda, by AWS's name",
  ModuleMissing: "becomes a refusal of the task, for another engine",
  RuntimeError: "an answer of the embedded Lambda, by AWS's name",
  S3Error: "an answer of the embedded S3, by AWS's name",
  Unbundlable: "becomes CaptureError, which names the variable",
  UnusableSource: "becomes CaptureError, which names the variable",
};

/**
 * Returns uses of JavaScript's error classes in a module: errors created by `new` or a call, and classes that extend
 * them.
 */
function bareErrorsIn(source: string): { made: string[]; extended: string[] } {
  const { code } = transformSync(source, { loader: "ts", format: "esm", target: "esnext" });
  const made: string[] = [];
  const extended: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const fields = new Map(Object.entries(node));
    const type: unknown = fields.get("type");
    if ((type === "NewExpression" || type === "CallExpression") && BUILT_IN.test(nameOf(fields.get("callee"))))
      made.push(nameOf(fields.get("callee")));
    if ((type === "ClassDeclaration" || type === "ClassExpression") && BUILT_IN.test(nameOf(fields.get("superClass"))))
      extended.push(nameOf(fields.get("id")));
    for (const child of fields.values()) visit(child);
  };
  visit(parse(code, { ecmaVersion: "latest", sourceType: "module" }));
  return { made, extended };
}

function nameOf(identifier: unknown): string {
  return typeof identifier === "object" && identifier !== null && "name" in identifier ? String(identifier.name) : "";
}

const found = ["client", "cdk", "lambdas"].flatMap(modulesBelow).map(({ path, text }) => {
  const { made, extended } = bareErrorsIn(text);
  return { path, made, extended };
});

describe("errors without a code", () => {
  it("errors without a code are created only in the listed modules", () => {
    const makers = found.filter(({ made }) => made.length > 0).map(({ path }) => path);
    expect(makers.sort()).toEqual(Object.keys(MAKERS));
  });

  it("classes that extend a built-in error class are exactly the listed ones", () => {
    expect(found.flatMap(({ extended }) => extended).sort()).toEqual(Object.keys(CLASSES));
  });

  it("errors without a code are detected, however they are created", () => {
    expect(bareErrorsIn('throw new TypeError("no"); reject(Error(a as string));').made).toEqual(["TypeError", "Error"]);
    expect(bareErrorsIn("class A extends Error {} const B = class C extends RangeError {};").extended).toEqual([
      "A",
      "C",
    ]);
    const others = 'throw new FantailError("new Error()"); // new Error()\nif (a instanceof Error) String(a);';
    expect(bareErrorsIn(others)).toEqual({ made: [], extended: [] });
  });
});
