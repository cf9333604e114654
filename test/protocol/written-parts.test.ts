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
])("whether the codec's parts, and an object, may be %s is checked", (_, value, isParts, isObject) => {
  if (isParts) expect(partsOf(value)).toBe(value);
  else expect(() => partsOf(value)).toThrow(FantailError);
  if (isObject) expect(objectOf(value)).toBe(value);
  else expect(() => objectOf(value)).toThrow(FantailError);
});

test("the message names the type of the value that is no parts", () => {
  expect(() => partsOf("a")).toThrow("not an encoded value: it holds string instead of an object's parts");
  expect(() => objectOf(1)).toThrow("not an encoded value: it holds number instead of an object");
});
