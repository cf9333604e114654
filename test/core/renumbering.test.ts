import { describe, expect, test } from "vitest";
import { Renumbering, renewedWaits } from "../../lambdas/core/renumbering.ts";
import type { DependencyAtRest, ParentRange, WaitGroup } from "../../lambdas/protocol/dependency.ts";

const renumbering = new Renumbering([
  {
    from: "A",
    id: "A2",
    ranges: [
      [2, 4],
      [6, 9],
    ],
  },
  { from: "B", id: "B2", ranges: [[0, 1]] },
]);

function on(...ranges: ParentRange[]): DependencyAtRest {
  return { on: ranges, all: true, success: true, failure: false };
}

describe("a task that runs again", () => {
  test.each<[string, ParentRange, ParentRange[]]>([
    ["a parent that runs again", ["A", 3, 4], [["A2", 1, 2]]],
    ["a parent in a later range of the job", ["A", 6, 8], [["A2", 2, 4]]],
    ["a parent that does not run again", ["A", 0, 2], [["A", 0, 2]]],
    ["a parent in a job that is not resubmitted", ["C", 0, 2], [["C", 0, 2]]],
    [
      "a range over all of them, in order",
      ["A", 0, 10],
      [
        ["A", 0, 2],
        ["A2", 0, 2],
        ["A", 4, 6],
        ["A2", 2, 5],
        ["A", 9, 10],
      ],
    ],
  ])("a parent's id leads to its new task if it runs again: %s", (_, range, now) => {
    expect(renumbering.range(range)).toEqual(now);
  });

  test("an empty job id in a dependency is replaced by the id of the task's own job", () => {
    expect(renumbering.dependency(on(["", 0, 2]), "B").on).toEqual([
      ["B2", 0, 1],
      ["B", 1, 2],
    ]);
  });

  test("results among the arguments lead to the new tasks, at any depth, and other arguments stay", () => {
    expect(renumbering.args("J[1]")).toBe("J[1]");
    const blob = { blob: "a".repeat(64), bytes: 9 };
    expect(
      renumbering.args([
        "J1",
        blob,
        { result: [["A", 3, 4]], list: true },
        { value: "J[0]", results: [{ result: [["B", 0, 1]] }] },
      ]),
    ).toEqual([
      "J1",
      blob,
      { result: [["A2", 1, 2]], list: true },
      { value: "J[0]", results: [{ result: [["B2", 0, 1]] }] },
    ]);
  });
});

describe("the wait groups of a resubmission", () => {
  const old: WaitGroup = { from: 0, to: 9, after: [on(["A", 2, 3])], follow: on(["B", 0, 1]), takes: true };
  const renewed = (indexes: number[], others = {}, group: (index: number) => WaitGroup | undefined = () => old) =>
    renewedWaits("O", indexes, group, renumbering, others);

  test("the wait groups of a resubmission wait for the new tasks, in one group for tasks that waited together", () => {
    expect(renewed([0, 1, 5])).toEqual([
      { from: 0, to: 3, after: [on(["A2", 0, 1])], follow: on(["B2", 0, 1]), takes: true },
    ]);
  });

  test("the wait groups of a resubmission are separate if the old ones were, and a task that waited for nothing has none", () => {
    const other: WaitGroup = { from: 5, to: 6, after: [on(["C", 0, 1])] };
    const groups = renewed([0, 4, 5, 6], {}, (index) => (index === 5 ? other : index === 4 ? undefined : old));
    expect(groups.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [2, 3],
      [3, 4],
    ]);
  });

  test("the wait groups of a resubmission take the given dependencies, and still wait for results in the arguments", () => {
    expect(renewed([0], { after: [on(["C", 0, 1])], follow: null })).toEqual([
      { from: 0, to: 1, after: [on(["C", 0, 1]), on(["A2", 0, 1])], takes: true },
    ]);
    const { takes: _, ...taking } = old;
    expect(renewed([0], { after: [] }, () => taking)).toEqual([
      { from: 0, to: 1, after: [], follow: on(["B2", 0, 1]) },
    ]);
    expect(renewed([0], { after: [], follow: null }, () => taking)).toEqual([]);
  });

  test("the wait groups of a resubmission stay invalid for the same reason, unless new dependencies are given", () => {
    const invalid: WaitGroup = { from: 0, to: 1, after: [], invalid: "an unknown task" };
    expect(renewed([0], {}, () => invalid)).toEqual([{ from: 0, to: 1, after: [], invalid: "an unknown task" }]);
    expect(renewed([0], { after: [] }, () => invalid)).toEqual([]);
  });
});
