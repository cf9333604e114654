import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeMappings, encodeMappings, type Segment, segmentAt } from "../../lambdas/protocol/source-mappings.ts";

const CASES: [string, string, Segment[][]][] = [
  ["nothing", "", [[]]],
  ["empty lines", ";;", [[], [], []]],
  ["the beginning", "AAAA", [[[0, 0, 0, 0]]]],
  ["text from nowhere", "A,CAAA", [[[0], [1, 0, 0, 0]]]],
  [
    "steps forward, from one segment to the next",
    "AAAA,CCEG",
    [
      [
        [0, 0, 0, 0],
        [1, 1, 2, 3],
      ],
    ],
  ],
  [
    "steps back",
    "ACEG,CDFH",
    [
      [
        [0, 1, 2, 3],
        [1, 0, 0, 0],
      ],
    ],
  ],
  ["columns from the line's beginning, the rest from the line before", "CACA;CACA", [[[1, 0, 1, 0]], [[1, 0, 2, 0]]]],
  [
    "numbers of several digits",
    "gBAAA,gggCAAA",
    [
      [
        [16, 0, 0, 0],
        [16 + 32768, 0, 0, 0],
      ],
    ],
  ],
];

describe("the mappings of a source map", () => {
  test.each(CASES)("mappings with %s are read and written", (_, text, lines) => {
    expect(decodeMappings(text)).toEqual(lines);
    expect(encodeMappings(lines)).toBe(text);
  });

  test("mappings that name a symbol are read without the name", () => {
    expect(decodeMappings("AAAAA,CAAAC")).toEqual([
      [
        [0, 0, 0, 0],
        [1, 0, 0, 0],
      ],
    ]);
  });

  test("mappings are read back unchanged", () => {
    const at = fc.nat(1_000_000);
    const segment = fc.oneof(fc.tuple(at), fc.tuple(at, fc.nat(40), at, at));
    const line = fc.array(segment).map((segments) => segments.toSorted(([a], [b]) => a - b));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        expect(decodeMappings(encodeMappings(lines))).toEqual(lines);
      }),
    );
  });
});

describe("the segment of a column", () => {
  const segments: Segment[] = [[2], [5, 0, 0, 0], [9]];

  test.each([
    ["before the first segment is none", 1, undefined],
    ["at the beginning of a segment is that segment", 2, segments[0]],
    ["inside a segment is that segment", 8, segments[1]],
    ["beyond the last segment is the last", 1000, segments[2]],
  ])("the segment of a column %s", (_, column, expected) => {
    expect(segmentAt(segments, column)).toBe(expected);
  });

  test("the segment of a column is the last one that does not begin after it", () => {
    const columns = fc.uniqueArray(fc.nat(50)).map((list) => list.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(columns, fc.nat(60), (list, column) => {
        const sorted = list.map((at): Segment => [at]);
        expect(segmentAt(sorted, column)).toBe(sorted.findLast(([at]) => at <= column));
      }),
    );
  });
});
