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
function unexplained(text: string): string[] {
  const lines = text.split("\n");
  return castsIn(text).filter((cast) => {
    const at = Number.parseInt(cast, 10) - 1;
    return !lines.slice(Math.max(0, at - 2), at + 1).some((line) => /\/\/|\*\//.test(line));
  });
}

describe("casts", () => {
  it("casts become fewer, never more", () => {
    const counted: Record<string, number> = Object.fromEntries(Object.keys(CASTS).map((folder) => [folder, 0]));
    for (const { path, text } of ["lambdas", "client", "cdk"].flatMap(modulesBelow)) {
      const casts = castsIn(text).length;
      if (casts > 0) counted[folderOf(path)] = (counted[folderOf(path)] ?? 0) + casts;
    }
    expect(counted).toEqual(CASTS);
  });

  it("each cast has its reason in a comment, on its line or just above", () => {
    const found = ["lambdas", "client", "cdk"].flatMap(modulesBelow);
    expect(found.flatMap(({ path, text }) => unexplained(text).map((cast) => `${path}:${cast}`))).toEqual([]);
    expect(unexplained("const a = 1;\nconst b = a as B;")).toEqual(["2: const b = a as B;"]);
    expect(unexplained("// The reader checks it.\nconst b = a as B;")).toEqual([]);
  });

  it("detects each cast, and no other use of `as`", () => {
    expect(castsIn("const a = b as C;")).toEqual(["1: const a = b as C;"]);
    expect(castsIn("a(b as unknown as C);")).toHaveLength(2);
    expect(castsIn("\nfoo(`${a as string} and ${b}`);")).toEqual(["2: foo(`${a as string} and ${b}`);"]);
    expect(castsIn('import { a as b } from "c";\nexport * as d from "e";\nexport { f as g };')).toEqual([]);
    expect(castsIn('// as A\n/* as B */ f("as C", `as D`, /as E/, x as const);')).toEqual([]);
    expect(castsIn("type Renamed<T> = { [K in keyof T as Lower<K>]: T[K] };")).toEqual([]);
  });
});
