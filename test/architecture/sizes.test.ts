import { describe, expect, it } from "vitest";
import { parseAst } from "vitest/node";
import { modulesBelow, type SourceModule } from "./module-imports.ts";

/** A longer file probably contains a second concept. */
const FILE_LINES = 250;

/** A longer function does not fit on a screen. */
const FUNCTION_LINES = 60;

const FUNCTIONS = /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

const lineAt = (text: string, offset: number) => text.slice(0, offset).split("\n").length;

function fileTooLong({ path, text }: Pick<SourceModule, "path" | "text">): string[] {
  const lines = text.trimEnd().split("\n").length;
  return lines > FILE_LINES ? [`${path}: ${lines} lines`] : [];
}

/** Returns the functions, methods and constructors of a module that are too long, outer and inner ones. */
function functionsTooLong({ path, text }: Pick<SourceModule, "path" | "text">): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) visit(one);
    if (typeof node !== "object" || node === null || Array.isArray(node)) return;
    if (isSpan(node) && FUNCTIONS.test(node.type)) {
      const first = lineAt(text, node.start);
      const lines = lineAt(text, node.end) - first + 1;
      if (lines > FUNCTION_LINES) found.push(`${path}:${first}: ${lines} lines`);
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(text, { lang: "ts" }));
  return found;
}

function isSpan(node: object): node is { type: string; start: number; end: number } {
  return "type" in node && typeof node.type === "string" && "start" in node && "end" in node;
}

describe("sizes", () => {
  const modules = ["lambdas", "client", "cdk", "bench", "examples"].flatMap(modulesBelow);

  it(`no source file has more than ${FILE_LINES} lines`, () => {
    expect(modules.length).toBeGreaterThan(500);
    expect(modules.flatMap(fileTooLong)).toEqual([]);
  });

  it(`no function has more than ${FUNCTION_LINES} lines`, () => {
    expect(modules.flatMap(functionsTooLong)).toEqual([]);
  });

  it("detects a longer file, function, method or constructor", () => {
    const body = "\n  step();".repeat(FUNCTION_LINES);
    expect(fileTooLong({ path: "a.ts", text: "a;\n".repeat(FILE_LINES) })).toEqual([]);
    expect(fileTooLong({ path: "a.ts", text: "a;\n".repeat(FILE_LINES + 1) })).toEqual(["a.ts: 251 lines"]);
    const found = (text: string) => functionsTooLong({ path: "a.ts", text });
    expect(found(`function f(a: A): void {${body}\n}`)).toEqual(["a.ts:1: 62 lines"]);
    expect(found(`const f = <T,>(a: T) => {${body}\n};`)).toHaveLength(1);
    expect(found(`class A {\n  constructor(private a: A) {${body}\n}\n}`)).toEqual(["a.ts:2: 62 lines"]);
    expect(found(`class A {\n  async #f() {${body}\n}\n}`)).toHaveLength(1);
    expect(found(`class A {${"\n  f() {}".repeat(FUNCTION_LINES)}\n}`)).toEqual([]);
  });
});
