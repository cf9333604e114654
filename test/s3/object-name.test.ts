import fc from "fast-check";
import { expect, test } from "vitest";
import { fileNameOf, spelledKey } from "../../client/local/s3/store/object-name.ts";
import { propertyRuns } from "../property-runs.ts";
import { unicodeText } from "../unicode-text.ts";

const key = fc.oneof(
  unicodeText({ minLength: 1, maxLength: 300 }),
  fc.string({ unit: fc.constantFrom("a", "A", "/", ".", "%", "~", "é", "\0"), minLength: 1, maxLength: 8 }),
);

test("a key's file name is short, has plain characters only, and names no folder", () => {
  fc.assert(
    fc.property(key, (one) => {
      const name = fileNameOf(one);
      expect(name).toMatch(/^_[a-z0-9_.%~-]*$/);
      expect(name.length).toBeLessThanOrEqual(255);
      expect([one, undefined]).toContain(spelledKey(name));
    }),
    { seed: 7, numRuns: propertyRuns(2_000) },
  );
});

test("two keys have different file names, even if the file system ignores case", () => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      if (one !== other) expect(fileNameOf(one).toLowerCase()).not.toBe(fileNameOf(other).toLowerCase());
    }),
    { seed: 8, numRuns: propertyRuns(2_000) },
  );
  const long = "k".repeat(1_000);
  expect(fileNameOf(`${long}a`)).not.toBe(fileNameOf(`${long}b`));
  expect(spelledKey(fileNameOf(long))).toBeUndefined();
});
