import { describe, expect, it } from "vitest";
import { parseAst } from "vitest/node";
import { modulesBelow, type SourceModule } from "./module-imports.ts";
import { nodesOf } from "./syntax-nodes.ts";

/** A longer file probably contains a second concept. */
const FILE_LINES = 250;

/** A longer function does not fit on a screen. */
const FUNCTION_LINES = 60;

/** With more parameters, a call no longer shows which argument is which. An object names them. */
const PARAMETERS = 5;

const FUNCTIONS = /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

function fileTooLong({ path, text }: Pick<SourceModule, "path" | "text">): string[] {
  const lines = text.trimEnd().split("\n").length;
  return lines > FILE_LINES ? [`${path}: ${lines} lines`] : [];
}

interface Size {
  first: number;
  lines: number;
  parameters: number;
}

/** The functions of each module, by its text: parsing takes long, and two tests need it. */
const SIZES = new Map<string, Size[]>();

/** The functions, methods and constructors of a module, outer and inner ones. */
function functionsOf(text: string): Size[] {
  const known = SIZES.get(text);
  if (known) return known;
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  const lineAt = (offset: number) => starts.findLastIndex((start) => start <= offset) + 1;
  const found = nodesOf(parseAst(text, { lang: "ts" }))
    .filter(({ type }) => FUNCTIONS.test(type))
    .map(({ start, end, params }) => {
      const first = lineAt(Number(start));
      const parameters = Array.isArray(params) ? params.length : 0;
      return { first, lines: lineAt(Number(end)) - first + 1, parameters };
    });
  SIZES.set(text, found);
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
    // Examples pass a library a callback that has more.
    expect(modules.filter(({ path }) => !path.startsWith("examples/")).flatMap(functionsTooWide)).toEqual([]);
  });

  it("the search finds a function or method with more parameters", () => {
    const found = (text: string) => functionsTooWide({ path: "a.ts", text });
    expect(found("function f(a: A, b: B, c: C, d: D, e: E) {}")).toEqual([]);
    expect(found("function f(a: A, b: B, c: C, d: D, e: E, g?: G) {}")).toEqual(["a.ts:1: 6 parameters"]);
    expect(found("class A {\n  #f(a, b, c, { d }, [e], ...rest) {}\n}")).toEqual(["a.ts:2: 6 parameters"]);
    expect(found("type F = (a: A, b: B, c: C, d: D, e: E, g: G) => void;")).toEqual([]);
  });

  it("the search finds a longer file, function, method or constructor", () => {
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
