import { describe, expect, it } from "vitest";
import { parseAst } from "vitest/node";
import { modulesBelow, type SourceModule } from "./module-imports.ts";

/** A longer file probably contains a second concept. */
const FILE_LINES = 250;

/** A longer function does not fit on a screen. */
const FUNCTION_LINES = 60;

/** Past this many parameters a call no longer says which is which: an object names them. */
const PARAMETERS = 5;

const FUNCTIONS = /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

const lineAt = (text: string, offset: number) => text.slice(0, offset).split("\n").length;

function fileTooLong({ path, text }: Pick<SourceModule, "path" | "text">): string[] {
  const lines = text.trimEnd().split("\n").length;
  return lines > FILE_LINES ? [`${path}: ${lines} lines`] : [];
}

/** The functions, methods and constructors of a module, outer and inner ones. */
function functionsOf(text: string): { first: number; lines: number; parameters: number }[] {
  const found: { first: number; lines: number; parameters: number }[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) visit(one);
    if (typeof node !== "object" || node === null || Array.isArray(node)) return;
    if (isSpan(node) && FUNCTIONS.test(node.type)) {
      const first = lineAt(text, node.start);
      const parameters = "params" in node && Array.isArray(node.params) ? node.params.length : 0;
      found.push({ first, lines: lineAt(text, node.end) - first + 1, parameters });
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(text, { lang: "ts" }));
  return found;
}

function functionsTooLong({ path, text }: Pick<SourceModule, "path" | "text">): string[] {
  return functionsOf(text)
    .filter(({ lines }) => lines > FUNCTION_LINES)
    .map(({ first, lines }) => `${path}:${first}: ${lines} lines`);
}

function functionsTooWide({ path, text }: Pick<SourceModule, "path" | "text">): string[] {
  return functionsOf(text)
    .filter(({ parameters }) => parameters > PARAMETERS)
    .map(({ first, parameters }) => `${path}:${first}: ${parameters} parameters`);
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

  it(`no function has more than ${PARAMETERS} parameters`, () => {
    // A callback that a library of an example calls has more.
    expect(modules.filter(({ path }) => !path.startsWith("examples/")).flatMap(functionsTooWide)).toEqual([]);
  });

  it("detects a function or method with more parameters", () => {
    const found = (text: string) => functionsTooWide({ path: "a.ts", text });
    expect(found("function f(a: A, b: B, c: C, d: D, e: E) {}")).toEqual([]);
    expect(found("function f(a: A, b: B, c: C, d: D, e: E, g?: G) {}")).toEqual(["a.ts:1: 6 parameters"]);
    expect(found("class A {\n  #f(a, b, c, { d }, [e], ...rest) {}\n}")).toEqual(["a.ts:2: 6 parameters"]);
    expect(found("type F = (a: A, b: B, c: C, d: D, e: E, g: G) => void;")).toEqual([]);
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
