import { expect, test } from "vitest";
import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import { purgedRange, purgedRanges } from "../../lambdas/protocol/purged.ts";

test.each<[string, IndexRange, string]>([
  ["the first task", [0, 1], "0-1"],
  ["many tasks", [12, 100_000], "12-100000"],
])("the purged range of %s is written as from and to, and read back unchanged", (_, range, mark) => {
  expect(purgedRange(range)).toBe(mark);
  expect(purgedRanges([mark])).toEqual([range]);
});

test("a job's row has as many purged ranges as it lists, and none if it lists none", () => {
  expect(purgedRanges(["5-7", "0-2"])).toEqual([
    [5, 7],
    [0, 2],
  ]);
  expect(purgedRanges(undefined)).toEqual([]);
});
