import { describe, expect, it } from "vitest";
import { modulesBelow } from "./module-imports.ts";
import { castsIn } from "./type-casts.ts";

/** Number of casts per folder. Lower the number when a cast goes; never raise one. Other folders have none. */
const CASTS: Record<string, number> = {
  "lambdas/authoring/": 2,
  "lambdas/protocol/": 2,
  "client/": 8,
  "cdk/": 3,
};

/** Returns the entry of the table to which a module counts: the longest matching folder. */
function folderOf(path: string): string {
  const claims = Object.keys(CASTS).filter((folder) => path.startsWith(folder));
  return claims.sort((a, b) => b.length - a.length)[0] ?? path;
}

/** Returns the casts of a module without a comment on their line or on one of the two lines above. */
function unexplained(text: string, casts = castsIn(text)): string[] {
  const lines = text.split("\n");
  return casts.filter((cast) => {
    const at = Number.parseInt(cast, 10) - 1;
    return !lines.slice(Math.max(0, at - 2), at + 1).some((line) => /\/\/|\*\//.test(line));
  });
}

describe("casts", () => {
  const modules = ["lambdas", "client", "cdk"]
    .flatMap(modulesBelow)
    .map(({ path, text }) => ({ path, text, casts: castsIn(text) }));

  it("no folder has more casts than listed", () => {
    const counted: Record<string, number> = Object.fromEntries(Object.keys(CASTS).map((folder) => [folder, 0]));
    for (const { path, casts } of modules)
      if (casts.length > 0) counted[folderOf(path)] = (counted[folderOf(path)] ?? 0) + casts.length;
    expect(counted).toEqual(CASTS);
  });

  it("each cast has its reason in a comment, on its line or just above", () => {
    const found = modules.flatMap(({ path, text, casts }) => unexplained(text, casts).map((cast) => `${path}:${cast}`));
    expect(found).toEqual([]);
    expect(unexplained("const a = 1;\nconst b = a as B;")).toEqual(["2: const b = a as B;"]);
    expect(unexplained("// The reader checks it.\nconst b = a as B;")).toEqual([]);
  });

  it("the search finds each cast, and no other use of `as`", () => {
    expect(castsIn("const a = b as C;")).toEqual(["1: const a = b as C;"]);
    expect(castsIn("a(b as unknown as C);")).toHaveLength(2);
    expect(castsIn("\nfoo(`${a as string} and ${b}`);")).toEqual(["2: foo(`${a as string} and ${b}`);"]);
    expect(castsIn('import { a as b } from "c";\nexport * as d from "e";\nexport { f as g };')).toEqual([]);
    expect(castsIn('// as A\n/* as B */ f("as C", `as D`, /as E/, x as const);')).toEqual([]);
    expect(castsIn("type Renamed<T> = { [K in keyof T as Lower<K>]: T[K] };")).toEqual([]);
  });
});
