import { describe, expect, it } from "vitest";
import { modulesBelow } from "./module-imports.ts";
import { castsIn } from "./type-casts.ts";

/** How many casts each folder has. When one goes, its number is lowered here; none is raised. Folders that are not listed have none. */
const CASTS: Record<string, number> = {
  "lambdas/authoring/": 2,
  "lambdas/protocol/": 3,
  "client/": 8,
  "cdk/": 3,
};

/** The folder that counts a module: the longest of the table's. */
function folderOf(path: string): string {
  const claims = Object.keys(CASTS).filter((folder) => path.startsWith(folder));
  return claims.sort((a, b) => b.length - a.length)[0] ?? path;
}

describe("casts", () => {
  it("become fewer, never more", () => {
    const counted: Record<string, number> = Object.fromEntries(Object.keys(CASTS).map((folder) => [folder, 0]));
    for (const { path, text } of ["lambdas", "client", "cdk"].flatMap(modulesBelow)) {
      const casts = castsIn(text).length;
      if (casts > 0) counted[folderOf(path)] = (counted[folderOf(path)] ?? 0) + casts;
    }
    expect(counted).toEqual(CASTS);
  });

  it("each would be seen, and nothing else that is called as", () => {
    expect(castsIn("const a = b as C;")).toEqual(["1: const a = b as C;"]);
    expect(castsIn("a(b as unknown as C);")).toHaveLength(2);
    expect(castsIn("\nfoo(`${a as string} and ${b}`);")).toEqual(["2: foo(`${a as string} and ${b}`);"]);
    expect(castsIn('import { a as b } from "c";\nexport * as d from "e";\nexport { f as g };')).toEqual([]);
    expect(castsIn('// as A\n/* as B */ f("as C", `as D`, /as E/, x as const);')).toEqual([]);
    expect(castsIn("type Renamed<T> = { [K in keyof T as Lower<K>]: T[K] };")).toEqual([]);
  });
});
