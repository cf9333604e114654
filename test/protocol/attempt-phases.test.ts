import { expect, test } from "vitest";
import { isPackedPhases, packPhases, unpackPhases } from "../../lambdas/protocol/attempt-phases.ts";

test("phases are stored in whole milliseconds, and only if one took a millisecond", () => {
  expect(packPhases({})).toBeUndefined();
  expect(packPhases({ cold: 0.4, fetched: 0.9, parked: [[3, 0.2]] })).toBeUndefined();
  expect(packPhases({ fetched: 12.4 })).toEqual([0, 12]);
  expect(
    packPhases({
      cold: 300,
      parked: [
        [1.2, 5],
        [20, 0.1],
        [30, 7.9],
      ],
    }),
  ).toEqual([300, 0, 1, 5, 30, 8]);
});

test("packed phases are read as they were, without parts that took no time", () => {
  for (const phases of [
    { cold: 300 },
    { fetched: 12 },
    {
      cold: 1,
      fetched: 2,
      parked: [
        [0, 5],
        [9, 1],
      ] as [number, number][],
    },
  ])
    expect(unpackPhases(packPhases(phases) ?? [])).toEqual(phases);
});

test("other values are not packed phases", () => {
  expect(isPackedPhases([1, 2, 3, 4])).toBe(true);
  for (const value of [undefined, "1", [], [1], [1, 2, 3], [1, -2], [1, "2"], [1, null]])
    expect(isPackedPhases(value)).toBe(false);
});
