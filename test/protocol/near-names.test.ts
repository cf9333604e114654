import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guessOf, nearNames } from "../../lambdas/protocol/near-names.ts";

describe("a name is near another one", () => {
  test.each([
    ["if it differs by case", "Retries", "retries"],
    ["if a letter is missing", "retrie", "retries"],
    ["if a letter is too many", "rettries", "retries"],
    ["if one letter differs", "retrxes", "retries"],
    ["if two letters changed places", "rteries", "retries"],
    ["if one is the beginning of the other", "chunk", "chunkSize"],
    ["if the other is the beginning of it", "timeoutSeconds", "timeout"],
    ["if one of two letters differs", "ab", "ax"],
  ])("a name is similar to another %s", (_, name, known) => {
    expect(nearNames(name, [known])).toEqual([known]);
  });

  test.each([
    ["if three letters differ", "retabc", "retries"],
    ["if both of two letters differ", "ab", "xy"],
    ["if it is only the first two letters of it", "re", "retries"],
    ["if it is a single letter", "a", "b"],
    ["if it is empty", "", "ab"],
  ])("a name is not similar to another %s", (_, name, known) => {
    expect(nearNames(name, [known])).toEqual([]);
  });

  test("all similar names are returned, in order", () => {
    expect(nearNames("lod", ["old", "lo", "none", "load", "Lodge"])).toEqual(["old", "lo", "load", "Lodge"]);
  });

  test("similarity of names is symmetric", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "C"), maxLength: 6 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(nearNames(a, [b]).length).toBe(nearNames(b, [a]).length);
      }),
    );
  });
});

test("a guess names the similar name, and is empty if there is none", () => {
  expect(guessOf([])).toBe("");
  expect(guessOf(["load"])).toBe("; did you mean load?");
  expect(guessOf(["load", "old"])).toBe("; did you mean load or old?");
});
