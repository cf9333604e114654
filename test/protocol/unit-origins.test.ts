import { describe, expect, test } from "vitest";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { encodeMappings } from "../../lambdas/protocol/source-mappings.ts";
import { findOrigins, originsIn, originsLine, type UnitOrigins } from "../../lambdas/protocol/unit-origins.ts";

const origins: UnitOrigins = {
  skip: 3,
  sources: [
    ["/a/verbatim.ts", 1],
    ["/a/rewritten.ts", 0],
  ],
  mappings: encodeMappings([[[4, 0, 10, 6], [20, 1, 30, 2], [40]], []]),
};
const source = `const f = 1;\n${originsLine(origins)}`;

describe("the line of origins in a unit", () => {
  test("the line of origins is the last line, and is found by its beginning", () => {
    expect(originsIn(source)).toBe(JSON.stringify(origins));
  });

  test.each([
    ["is missing", "const f = 1;\n"],
    ["is part of another line", 'const f = "//# origins={}";\n'],
  ])("the line of origins is not found if it %s", (_, text) => {
    expect(originsIn(text)).toBeUndefined();
  });

  test("of several lines of origins the last one counts, as in a unit that contains another unit's text", () => {
    expect(originsIn(`\n//# origins=first\n${source}`)).toBe(JSON.stringify(origins));
  });
});

describe("a place of a unit", () => {
  const find = findOrigins(JSON.stringify(origins));

  test.each<[string, number, number, ReturnType<typeof find>]>([
    ["in the first line belongs to fantail", 1, 1, undefined],
    ["in the second line belongs to fantail", 2, 1, undefined],
    ["in a package before the table belongs to another file", 3, 1, "elsewhere"],
    ["before the first segment belongs to fantail", 4, 4, undefined],
    [
      "at the beginning of a segment maps to the segment's place",
      4,
      5,
      { file: "/a/verbatim.ts", line: 11, column: 7 },
    ],
    [
      "inside a segment of verbatim text maps to the same offset from the segment's place",
      4,
      9,
      { file: "/a/verbatim.ts", line: 11, column: 11 },
    ],
    [
      "inside a segment of rewritten text maps to the segment's place",
      4,
      30,
      { file: "/a/rewritten.ts", line: 31, column: 3 },
    ],
    ["in a segment without a source belongs to fantail", 4, 41, undefined],
    ["in an empty line belongs to fantail", 5, 1, undefined],
    ["beyond the table belongs to fantail", 99, 1, undefined],
  ])("a place %s", (_, line, column, place) => {
    expect(find(line, column)).toEqual(place);
  });

  test("a place in a source that the table does not list has no file", () => {
    const [first] = origins.sources;
    if (!first) throw new Error("there are sources");
    const short = findOrigins(JSON.stringify({ ...origins, sources: [first] }));
    expect(short(4, 21)).toEqual({ file: "", line: 31, column: 3 });
  });
});

test.each<[string, unknown]>([
  ["that is not an object", []],
  ["without the lines to skip", { ...origins, skip: undefined }],
  ["without sources", { ...origins, sources: undefined }],
  ["with a source that is not a pair", { ...origins, sources: ["/a.ts"] }],
  ["with a source of neither kind", { ...origins, sources: [["/a.ts", 2]] }],
  ["without mappings", { ...origins, mappings: undefined }],
])("an origin table %s is damaged", (_, table) => {
  expect(() => findOrigins(JSON.stringify(table))).toThrow(FantailError);
});

test("an origin table that is not JSON is damaged", () => {
  expect(() => findOrigins("{")).toThrow(SyntaxError);
});
