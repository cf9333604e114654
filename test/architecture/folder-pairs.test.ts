import { posix } from "node:path";
import { expect, it } from "vitest";
import { modulesBelow, type SourceModule } from "./module-imports.ts";

/** Returns the pairs of folders that import each other, a folder and one inside it included. */
function mutualFolders(modules: readonly Pick<SourceModule, "path" | "imports">[]): string[] {
  const folders = new Set(modules.map(({ path }) => posix.dirname(path)));
  const edges = new Set(
    modules.flatMap(({ path, imports }) => imports.map((name) => `${posix.dirname(path)} -> ${posix.dirname(name)}`)),
  );
  return [...folders].flatMap((one) =>
    [...folders]
      .filter((other) => one < other && edges.has(`${one} -> ${other}`) && edges.has(`${other} -> ${one}`))
      .map((other) => `${one} <-> ${other}`),
  );
}

it("no two folders import each other", () => {
  const modules = ["lambdas", "client", "cdk"].flatMap(modulesBelow);
  expect(modules.length).toBeGreaterThan(500);
  expect(mutualFolders(modules)).toEqual([]);
});

it("the search finds two folders that import each other, side by side or nested", () => {
  const a = { path: "client/a/one.ts", imports: ["client/b/two.ts", "node:fs"] };
  const b = { path: "client/b/two.ts", imports: ["client/a/three.ts"] };
  const inner = { path: "client/a/inner/four.ts", imports: ["client/a/one.ts"] };
  expect(mutualFolders([a, b, inner])).toEqual(["client/a <-> client/b"]);
  expect(mutualFolders([a, { ...b, imports: [] }, inner])).toEqual([]);
  const outer = { path: "client/a/five.ts", imports: ["client/a/inner/four.ts"] };
  expect(mutualFolders([inner, outer])).toEqual(["client/a <-> client/a/inner"]);
});
