import { type Node, parse } from "acorn";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { modulesBelow } from "./module-imports.ts";

/** Returns the elements of lists given to Promise.all and similar functions that contain an await. */
function awaitsInJoins(text: string): string[] {
  if (!/\bPromise\b/.test(text)) return [];
  const { code } = transformSync(text, { loader: "ts", target: "esnext" });
  const found: string[] = [];
  const visit = (node: unknown, isJoined: boolean): void => {
    if (Array.isArray(node)) for (const one of node) visit(one, isJoined);
    if (!isNode(node)) return;
    const { type } = node;
    if (isJoined && type === "AwaitExpression") found.push(code.slice(node.start, node.end));
    const isFunction = /Function/.test(type);
    const isJoin = type === "CallExpression" && /^Promise\.\w+\(\[/.test(code.slice(node.start, node.end));
    for (const [name, child] of Object.entries(node))
      visit(child, isFunction ? false : isJoined || (isJoin && name === "arguments"));
  };
  visit(parse(code, { ecmaVersion: "latest", sourceType: "module" }), false);
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

describe("promises that are joined", () => {
  it("promises that are joined are all created before any of them can fail, so that none is abandoned", () => {
    const found = ["lambdas", "client", "cdk"]
      .flatMap(modulesBelow)
      .flatMap(({ path, text }) => awaitsInJoins(text).map((awaited) => `${path}: ${awaited}`));
    expect(found).toEqual([]);
  });

  it("the search finds an await beside another promise, and nothing else", () => {
    expect(awaitsInJoins("await Promise.all([f(), g(await h())]);")).toEqual(["await h()"]);
    expect(awaitsInJoins("await Promise.race([f(), await g()]);")).toEqual(["await g()"]);
    expect(awaitsInJoins("await Promise.all([f(), h().then((x) => g(x))]);")).toEqual([]);
    expect(awaitsInJoins("await Promise.all([f(), (async () => g(await h()))()]);")).toEqual([]);
    expect(awaitsInJoins("await Promise.all(list.map(async (one) => await g(one)));")).toEqual([]);
  });
});
