import { expect, test } from "vitest";
import { shownArguments } from "../../client/results/shown-arguments.ts";
import { encodeValue } from "../../lambdas/protocol/codec.ts";

const encoded = (value: unknown): string => String(encodeValue(value, "args"));

test("arguments are shown on one short line", () => {
  expect(shownArguments(encoded([3, "a", { name: "Ada", born: { at: { year: 1815 } } }]), false)).toBe(
    "3, 'a', { name: 'Ada', born: { at: [Object] } }",
  );
  expect(shownArguments(encoded(["one\ntwo".repeat(100)]), false)?.length).toBeLessThan(121);
  expect(shownArguments(encoded(Array(100).fill("x".repeat(10))), false)).toMatch(/^'x{10}', .*…$/);
});

test("arguments with much white space are shown at once", () => {
  const begun = performance.now();
  expect(shownArguments(encoded([{ [" ".repeat(200_000)]: 1 }]), false)).toHaveLength(120);
  expect(performance.now() - begun).toBeLessThan(1_000);
});

test("a chunk's arguments are those of its items", () => {
  expect(shownArguments(encoded([[1], [2], [3]]), true)).toBe("[ 1, 2, 3 ]");
  expect(shownArguments(encoded([[1, "a"]]), true)).toBe("[ [ 1, 'a' ] ]");
});

test("large values and results of other tasks are named, not read", () => {
  const blob = { blob: "0".repeat(64), bytes: 1_000_000 };
  const result = { result: [["01", 0, 1] as [string, number, number]] };
  expect(shownArguments(blob, false)).toBe("large values");
  expect(shownArguments([encoded(1), blob, result, { value: encoded([0]), results: [result] }], false)).toBe(
    "1, (a large value), (a result), (contains a result)",
  );
});

test("arguments that cannot be decoded are not shown", () => {
  expect(shownArguments("?", false)).toBeUndefined();
});
