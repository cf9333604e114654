import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MissingSince, missingSince, stillMissing } from "../../lambdas/core/missing-since.ts";
import { type IndexRange, indexesOf, rangesOf } from "../../lambdas/protocol/index-ranges.ts";

const table: [string, MissingSince[], IndexRange[], MissingSince[]][] = [
  ["nothing is missing", [], [], []],
  ["tasks missing for the first time are missing since now", [], [[2, 4]], [{ at: 100, ranges: [[2, 4]] }]],
  [
    "tasks missing again keep the time at which they were noticed",
    [{ at: 40, ranges: [[2, 6]] }],
    [[3, 5]],
    [{ at: 40, ranges: [[3, 5]] }],
  ],
  ["tasks that were found again are forgotten", [{ at: 40, ranges: [[2, 6]] }], [], []],
  [
    "tasks that go missing later have a time of their own",
    [{ at: 40, ranges: [[2, 3]] }],
    [[2, 4]],
    [
      { at: 40, ranges: [[2, 3]] },
      { at: 100, ranges: [[3, 4]] },
    ],
  ],
  [
    "a task noticed twice counts from the earlier time",
    [
      { at: 60, ranges: [[0, 4]] },
      { at: 40, ranges: [[2, 4]] },
    ],
    [[0, 4]],
    [
      { at: 40, ranges: [[2, 4]] },
      { at: 60, ranges: [[0, 2]] },
    ],
  ],
  [
    "of more than five groups, the last count as noticed at the latest of their times",
    [1, 2, 3, 4, 5].map((at) => ({ at, ranges: [[2 * at, 2 * at + 1]] })),
    [
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9],
      [10, 12],
    ],
    [
      { at: 1, ranges: [[2, 3]] },
      { at: 2, ranges: [[4, 5]] },
      { at: 3, ranges: [[6, 7]] },
      { at: 4, ranges: [[8, 9]] },
      { at: 100, ranges: [[10, 12]] },
    ],
  ],
];

describe("which tasks are missing since when", () => {
  it("a task that was attempted since a scan missed it counts as missing from now on", () => {
    const before = [{ at: 40, ranges: [[2, 6]] }] satisfies MissingSince[];
    const attempted = new Map([
      [3, 39],
      [4, 40],
    ]);
    expect(stillMissing(before, [[2, 6]], 100, attempted)).toEqual([
      {
        at: 40,
        ranges: [
          [2, 4],
          [5, 6],
        ],
      },
      { at: 100, ranges: [[4, 5]] },
    ]);
  });

  it.each(table)("%s", (_, before, missing, expected) => {
    expect(stillMissing(before, missing, 100)).toEqual(expected);
  });

  it("the groups are disjoint, cover exactly the missing tasks, and never state too early a time", () => {
    const indexes = fc.uniqueArray(fc.nat(30)).map((some) => some.sort((one, other) => one - other));
    fc.assert(
      fc.property(fc.array(indexes, { maxLength: 12 }), (looks) => {
        let groups: MissingSince[] = [];
        for (const [at, missing] of looks.entries()) {
          groups = stillMissing(groups, rangesOf(missing), at);
          const all = groups.flatMap(({ ranges }) => [...indexesOf(ranges)]);
          expect(all.toSorted((one, other) => one - other)).toEqual(missing);
          for (const group of groups)
            for (const index of indexesOf(group.ranges))
              for (let look = group.at; look <= at; look++) expect(looks[look]).toContain(index);
        }
      }),
    );
  });

  it("tasks count as missing since a time if they were noticed then or before", () => {
    const groups: MissingSince[] = [
      { at: 40, ranges: [[4, 6]] },
      { at: 60, ranges: [[2, 4]] },
      { at: 61, ranges: [[8, 9]] },
    ];
    expect(missingSince(groups, 60)).toEqual([[2, 6]]);
    expect(missingSince(groups, 39)).toEqual([]);
  });
});
