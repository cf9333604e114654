import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutIntoPacks, PACK_BYTES, rangesToRead } from "../../lambdas/core/packs.ts";
import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";

const MB = 1024 * 1024;
const KB = 1024;

describe("cutting values into packs", () => {
  const rows: [what: string, sizes: number[], packs: number[][]][] = [
    ["no values need no object", [], []],
    ["a single value is alone", [100 * KB], [[0]]],
    ["values share a pack in their order", [100 * KB, 20 * KB, 0], [[0, 1, 2]]],
    ["a pack is closed once it is full", [5 * MB, 1 * MB, 9 * KB], [[0, 1], [2]]],
    ["the value that fills a pack is stored in it whole", [5 * MB, 5 * MB, 9 * KB], [[0, 1], [2]]],
    ["a value that would fill a pack is alone, and the others stay together", [MB, 6 * MB, MB], [[1], [0, 2]]],
  ];
  it.each(rows)("when cutting values into packs, %s", (_, sizes, packs) => {
    expect(cutIntoPacks(sizes)).toEqual(packs);
  });

  it("every value is in one object, objects are bounded, and all but the last of the packs are full", () => {
    const size = fc.oneof(fc.nat(9 * KB), fc.nat(2 * MB), fc.nat(20 * MB));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 60 }), (sizes) => {
        const packs = cutIntoPacks(sizes);
        expect(packs.flat().sort((a, b) => a - b)).toEqual([...sizes.keys()]);
        const shared = packs.filter((positions) => positions.every((position) => (sizes[position] ?? 0) < PACK_BYTES));
        const bytes = shared.map((positions) => positions.reduce((sum, position) => sum + (sizes[position] ?? 0), 0));
        for (const one of bytes) expect(one).toBeLessThan(2 * PACK_BYTES);
        for (const one of bytes.slice(0, -1)) expect(one).toBeGreaterThanOrEqual(PACK_BYTES);
      }),
    );
  });
});

describe("the ranges to read of an object", () => {
  const limits = { partBytes: 4 * MB, gapBytes: 32 * KB };
  const rows: [what: string, ranges: IndexRange[], read: IndexRange[]][] = [
    ["no range is read for no values", [], []],
    ["a value is read alone", [[5, 9]], [[5, 9]]],
    [
      "neighbours are read together, in whatever order they were asked for",
      [
        [5, 9],
        [9, 12],
        [0, 5],
      ],
      [[0, 12]],
    ],
    [
      "a value asked for twice is read once",
      [
        [5, 9],
        [5, 9],
      ],
      [[5, 9]],
    ],
    [
      "a short gap is read along",
      [
        [0, 10 * KB],
        [40 * KB, 50 * KB],
      ],
      [[0, 50 * KB]],
    ],
    [
      "a long gap is not",
      [
        [0, 10 * KB],
        [50 * KB, 60 * KB],
      ],
      [
        [0, 10 * KB],
        [50 * KB, 60 * KB],
      ],
    ],
    [
      "no more is read at once than allowed",
      [
        [0, 3 * MB],
        [3 * MB, 5 * MB],
        [5 * MB, 6 * MB],
      ],
      [
        [0, 3 * MB],
        [3 * MB, 6 * MB],
      ],
    ],
    ["a value larger than the limit is read whole", [[0, 6 * MB]], [[0, 6 * MB]]],
  ];
  it.each(rows)("when reading values of an object, %s", (_, ranges, read) => {
    expect(rangesToRead(ranges, limits)).toEqual(read);
  });

  it("each range lies within one read, reads do not overlap, and a full pack takes at most four reads", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 600 * KB }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(59)), (lengths, asked) => {
        const [positions = []] = cutIntoPacks(lengths);
        const ranges: IndexRange[] = [];
        let at = 0;
        for (const position of positions) {
          const to = at + (lengths[position] ?? 0);
          ranges.push([at, to]);
          at = to;
        }
        const some = asked.flatMap((one) => (ranges[one] ? [ranges[one]] : []));
        const read = rangesToRead(some, limits);
        for (const [from, to] of some)
          expect(read.filter(([first, past]) => from >= first && to <= past)).toHaveLength(1);
        for (const [which, [first]] of read.entries())
          if (which > 0) expect(first).toBeGreaterThanOrEqual(read[which - 1]?.[1] ?? 0);
        expect(rangesToRead(ranges, limits).length).toBeLessThanOrEqual(4);
      }),
    );
  });
});
