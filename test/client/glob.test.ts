import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesGlob } from "../../client/history/glob.ts";
import { propertyRuns } from "../property-runs.ts";

/** The simplest possible matcher: tries every length for each `*`. */
function simply(text: string, pattern: string): boolean {
  if (pattern === "") return text === "";
  if (pattern.startsWith("*"))
    return [...Array(text.length + 1).keys()].some((taken) => simply(text.slice(taken), pattern.slice(1)));
  if (text === "") return false;
  const set = /^\[(?:(!)|(?!!))(\][^\]]*|[^\]]+)\]/.exec(pattern);
  const [whole, fits] = set
    ? [
        set[0],
        new RegExp(`^[${set[1] ? "^" : ""}${(set[2] ?? "").replace(/[\\\]^[]/g, "\\$&")}]$`).test(text.charAt(0)),
      ]
    : [pattern.charAt(0), pattern.startsWith("?") || text.startsWith(pattern.charAt(0))];
  return Boolean(fits) && simply(text.slice(1), pattern.slice(whole.length));
}

test("a pattern matches the same texts as a brute-force matcher", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "]", "!", "^", "\\"), maxLength: 8 });
  const set = fc
    .array(fc.constantFrom("a", "b", "a-b", "b-c", "!", "^", "\\"), { minLength: 1, maxLength: 3 })
    .map((some) => `[${some.join("")}]`)
    .filter((one) => !one.startsWith("[!]"));
  const piece = fc.oneof(fc.constantFrom("*", "?", "a", "b", "^", "\\", "]", "[!a]", "[]a]", "[!]a]", "["), set);
  const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, pattern, (one, by) => {
      // An unclosed bracket may be closed by a later one, which the simple matcher reads the same way.
      expect(matchesGlob(one, by)).toBe(simply(one, by));
    }),
    { numRuns: propertyRuns(5_000) },
  );
});

test.each([
  ["census-1", "census-[0-9]", true],
  ["census-x", "census-[0-9]", false],
  ["census-x", "census-[!0-9]", true],
  ["a]b", "a[]]b", true],
  ["a-b", "a[x-]b", true],
  ["a[b", "a[b", true],
  ["a*b", "a[*]b", true],
  ["axb", "a[*]b", false],
  ["line\nbreak", "line?break", true],
  ["😀", "?", true],
  ["Census", "census", false],
  ["b", "[c-a]", false],
])("matching %s by %s gives fnmatch's result", (text, pattern, expected) =>
  expect(matchesGlob(text, pattern)).toBe(expected),
);

test("many stars do not slow the matching down", () => {
  const from = performance.now();
  expect(matchesGlob("a".repeat(20_000), `${"*a".repeat(40)}b`)).toBe(false);
  // Matching takes 20 ms. With the pattern as a regular expression, it would not finish.
  expect(performance.now() - from).toBeLessThan(2_000);
});
