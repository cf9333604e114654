import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { expect, test } from "vitest";
import { modulesBelow, specifiersOf } from "./module-imports.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Returns the paths of the modules that a test imports itself, type-only imports excluded. */
function importedBy(path: string, text: string): string[] {
  const { code } = transformSync(text, { loader: "ts", format: "esm", target: "esnext" });
  return specifiersOf(code).map((name) => posix.join(posix.dirname(path), name));
}

/** Whether a module has behaviour to test. The compiler tests types, and a number alone has none. */
function hasBehaviour(exported: object): boolean {
  return Object.values(exported).some((value) => typeof value === "function" || typeof value === "object");
}

test("each module of core and protocol is called directly by some test", async () => {
  const tests = modulesBelow("test").filter(({ path }) => path.endsWith(".test.ts"));
  const tested = new Set(tests.flatMap(({ path, text }) => importedBy(path, text)));
  const untested: string[] = [];
  for (const { path } of ["lambdas/core", "lambdas/protocol"].flatMap(modulesBelow))
    if (!tested.has(path) && hasBehaviour(await import(posix.join(root, path)))) untested.push(path);
  expect(untested).toEqual([]);
});

test("a module imported only for its types does not count as tested", () => {
  const source = `
    import type { A } from "./a.ts";
    import { type B, b } from "./b.ts";
    import { C } from "./c.ts";
    const c: C = b;
    c satisfies A | B;`;
  expect(importedBy("test/core/x.test.ts", source)).toEqual(["test/core/b.ts"]);
  expect([{}, { most: 1 }].map(hasBehaviour)).toEqual([false, false]);
  expect([{ f() {} }, { schema: {} }, { A: class {} }].map(hasBehaviour)).toEqual([true, true, true]);
});
