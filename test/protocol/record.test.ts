import { expect, test } from "vitest";
import { isRecord } from "../../lambdas/protocol/record.ts";

test.each<[string, unknown, boolean]>([
  ["a plain object", {}, true],
  ["an object without a prototype", Object.create(null), true],
  ["an instance of a class", new Date(), true],
  ["an array", [], false],
  ["null", null, false],
  ["undefined", undefined, false],
  ["a text", "{}", false],
  ["a function", () => 1, false],
])("it is known whether %s has fields to read", (_, value, expected) => {
  expect(isRecord(value)).toBe(expected);
});
