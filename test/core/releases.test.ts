import { describe, expect, test } from "vitest";
import { backToWaiting, Releases, releasedAt } from "../../lambdas/core/releases.ts";

describe("the tasks of a ledger that wait", () => {
  test.each<[string, string[] | undefined, [number, number][]]>([
    ["all tasks before any is released", undefined, [[0, 10]]],
    [
      "those that no text releases",
      ["0-3", "5"],
      [
        [3, 5],
        [6, 10],
      ],
    ],
    ["none when all are released", ["0-4", "4-10"], []],
    ["a task that returned to waiting", ["0-10", backToWaiting(4, 2)], [[4, 5]]],
    ["none if the returned task was released again at that hop", ["0-10", backToWaiting(4, 2), "4=2"], []],
    ["a task that returned a second time", ["0-10", "~4=2", "4=2", "~4=5"], [[4, 5]]],
    ["the same whatever the order of the texts", ["~4=5", "4=2", "0-10", "~4=2"], [[4, 5]]],
  ])("the waiting tasks of a ledger are %s", (_, texts, waiting) => {
    expect(new Releases(texts).waiting([0, 10])).toEqual(waiting);
  });

  test("the waiting tasks of a ledger are returned only for the requested range", () => {
    expect(new Releases(["2-3"]).waiting([1, 5])).toEqual([
      [1, 2],
      [3, 5],
    ]);
    expect(new Releases(["0-10", "~8=1"]).waiting([0, 5])).toEqual([]);
  });
});

test("a task waits until it is released at the hop at which it was returned, in whatever order both are added", () => {
  const isWaiting = (...texts: string[]) => new Releases(texts).isWaiting(4);
  expect([isWaiting(), isWaiting("~4=1"), isWaiting("0-10", "~4=2", releasedAt(4, 1))]).toEqual([true, true, true]);
  expect([isWaiting("0-10"), isWaiting("0-10", releasedAt(4, 1), "~4=1")]).toEqual([false, false]);
});

describe("the texts that release tasks", () => {
  test("the texts that release tasks name ranges, and single tasks by their index", () => {
    expect(
      new Releases(undefined).stringsFor([
        [0, 3],
        [5, 6],
      ]),
    ).toEqual(["0-3", "5"]);
  });

  test("the texts that release tasks list returned tasks singly with their new hop, and the tasks around them as ranges", () => {
    const releases = new Releases(["0-10", "~4=2"]);
    expect(releases.hopOf(4)).toBe(2);
    expect(releases.hopOf(5)).toBe(0);
    expect(releases.stringsFor([[4, 5]])).toEqual(["4=2"]);
    expect(releases.stringsFor([[3, 6]])).toEqual(["4=2", "3", "5"]);
  });

  test("the texts that release tasks leave none of the released tasks waiting", () => {
    for (const before of [[], ["0-3"], ["0-10", "~4=2", "~7=1"], ["0-10", "~4=2", "4=2", "~4=3"]]) {
      const texts = new Releases(before).stringsFor([[2, 9]]);
      expect(new Releases([...before, ...texts]).waiting([2, 9])).toEqual([]);
    }
  });
});
