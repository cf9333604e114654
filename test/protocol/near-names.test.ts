import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guessOf, nearNames } from "../../lambdas/protocol/near-names.ts";

describe("a name is near another one", () => {
  test.each([
    ["if it differs by case", "Retries", "retries"],
    ["if a letter is missing", "retrie", "retries"],
    ["if a letter is too many", "rettries", "retries"],
    ["if a letter is another", "retrxes", "retries"],
    ["if two letters changed places", "rteries", "retries"],
    ["if one is the beginning of the other", "chunk", "chunkSize"],
    ["if the other is its beginning", "timeoutSeconds", "timeout"],
    ["if one of two letters differs", "ab", "ax"],
  ])("%s", (_, name, known) => {
    expect(nearNames(name, [known])).toEqual([known]);
  });

  test.each([
    ["if three letters differ", "retabc", "retries"],
    ["if both of two letters differ", "ab", "xy"],
    ["if its two letters only begin it", "re", "retries"],
    ["if a single letter is all that it has", "a", "b"],
    ["if it is empty", "", "ab"],
  ])("not %s", (_, name, known) => {
    expect(nearNames(name, [known])).toEqual([]);
  });

  test("all near names are returned, in order", () => {
    expect(nearNames("lod", ["old", "lo", "none", "load", "Lodge"])).toEqual(["old", "lo", "load", "Lodge"]);
  });

  test("exactly if the other is near it", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "C"), maxLength: 6 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(nearNames(a, [b]).length).toBe(nearNames(b, [a]).length);
      }),
    );
  });
});

test("a guess names what was probably meant, and is empty where nothing is near", () => {
  expect(guessOf([])).toBe("");
  expect(guessOf(["load"])).toBe("; did you mean load?");
  expect(guessOf(["load", "old"])).toBe("; did you mean load or old?");
});
