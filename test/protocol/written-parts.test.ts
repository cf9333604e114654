import { expect, test } from "vitest";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { objectOf, partsOf } from "../../lambdas/protocol/written-parts.ts";

const list = [1];
const plain = { a: 1 };

test.each<[string, unknown, boolean, boolean]>([
  ["a plain object", plain, true, true],
  ["an array", list, false, true],
  ["a date", new Date(0), true, true],
  ["null", null, false, false],
  ["text", "a", false, false],
  ["a function", () => 1, false, false],
  ["nothing", undefined, false, false],
])("it is checked whether %s can be the codec's parts, and an object", (_, value, isParts, isObject) => {
  if (isParts) expect(partsOf(value)).toBe(value);
  else expect(() => partsOf(value)).toThrow(FantailError);
  if (isObject) expect(objectOf(value)).toBe(value);
  else expect(() => objectOf(value)).toThrow(FantailError);
});

test("the error names the type of a value that cannot be parts", () => {
  expect(() => partsOf("a")).toThrow(
    "an encoded value is damaged, or was written by another version of fantail: it holds string instead of an object's parts",
  );
  expect(() => objectOf(1)).toThrow(
    "an encoded value is damaged, or was written by another version of fantail: it holds number instead of an object",
  );
});
