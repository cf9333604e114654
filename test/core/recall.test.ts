import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hopOfRecall, isRecallText, parseRecalls, type Recall, recallText, voidAt } from "../../lambdas/core/recall.ts";
import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";

const recall = (number: number, ...ranges: IndexRange[]): Recall => ({ number, ranges, token: `t${number}` });

describe("the text of a recall", () => {
  test.each<[string, Recall, string]>([
    ["names its tasks, its number and its writer", recall(2, [4, 7]), "v4-7@2~t2"],
    ["names all its ranges", recall(1, [0, 1], [3, 9]), "v0-1,3-9@1~t1"],
  ])("the text of a recall %s", (_, given, mark) => {
    expect(recallText(given)).toBe(mark);
    expect(isRecallText(mark)).toBe(true);
    expect(parseRecalls([mark])).toEqual([given]);
  });

  test("the recalls in a row are distinguished from its aborted ranges", () => {
    expect(isRecallText("0-5")).toBe(false);
    expect(parseRecalls(["0-5", "v4-7@2~t2", "9-10"])).toEqual([recall(2, [4, 7])]);
    expect(parseRecalls(undefined)).toEqual([]);
  });

  test("the text of a recall is read back unchanged", () => {
    const ranges = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1 });
    const token = fc.stringMatching(/^[0-9A-Za-z]{1,30}$/);
    fc.assert(
      fc.property(fc.record({ ranges, number: fc.nat(), token }), (given) => {
        expect(parseRecalls([recallText(given)])).toEqual([given]);
      }),
    );
  });
});

describe("queue entries of recalled tasks", () => {
  const second = recall(2, [4, 7]);

  test.each<[string, Recall[], number, IndexRange[]]>([
    ["is void below the hop of the recall", [second], hopOfRecall(second) - 1, [[4, 7]]],
    ["is valid at that hop", [second], hopOfRecall(second), []],
    ["is valid if nothing was recalled", [], 0, []],
    [
      "of an earlier recall is void for the tasks of a later one",
      [recall(1, [0, 5]), second],
      hopOfRecall(recall(1)),
      [[4, 7]],
    ],
    ["without a recall is void for the tasks of every recall", [recall(1, [0, 5]), second], 3, [[0, 7]]],
  ])("an entry for recalled tasks %s", (_, recalls, hop, ranges) => {
    expect(voidAt(recalls, hop)).toEqual(ranges);
  });

  test("entries of recalled tasks have a higher hop than any entry before", () => {
    expect(hopOfRecall(recall(1))).toBeGreaterThan(1_000_000);
    expect(hopOfRecall(second) - hopOfRecall(recall(1))).toBeGreaterThan(1_000_000);
  });
});
