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
  test("the line of origins is the last, and is found by its beginning", () => {
    expect(originsIn(source)).toBe(JSON.stringify(origins));
  });

  test.each([
    ["is not there", "const f = 1;\n"],
    ["is text inside another line", 'const f = "//# origins={}";\n'],
  ])("the line of origins is not found where it %s", (_, text) => {
    expect(originsIn(text)).toBeUndefined();
  });

  test("the line of origins is the last of several, as in a unit that holds another unit's text", () => {
    expect(originsIn(`\n//# origins=first\n${source}`)).toBe(JSON.stringify(origins));
  });
});

describe("a place of a unit", () => {
  const find = findOrigins(JSON.stringify(origins));

  test.each<[string, number, number, ReturnType<typeof find>]>([
    ["in the first line is fantail's own", 1, 1, undefined],
    ["in the second line is fantail's own", 2, 1, undefined],
    ["in a package before the table is elsewhere", 3, 1, "elsewhere"],
    ["before the first segment is fantail's own", 4, 4, undefined],
    ["at the beginning of a segment is its place", 4, 5, { file: "/a/verbatim.ts", line: 11, column: 7 }],
    ["inside a segment of verbatim text is as far on", 4, 9, { file: "/a/verbatim.ts", line: 11, column: 11 }],
    ["inside a segment of rewritten text is its beginning", 4, 30, { file: "/a/rewritten.ts", line: 31, column: 3 }],
    ["in a segment from nowhere is fantail's own", 4, 41, undefined],
    ["in an empty line is fantail's own", 5, 1, undefined],
    ["beyond the table is fantail's own", 99, 1, undefined],
  ])("%s", (_, line, column, place) => {
    expect(find(line, column)).toEqual(place);
  });

  test("in a source that the table does not list has no file", () => {
    const [first] = origins.sources;
    if (!first) throw new Error("there are sources");
    const short = findOrigins(JSON.stringify({ ...origins, sources: [first] }));
    expect(short(4, 21)).toEqual({ file: "", line: 31, column: 3 });
  });
});

test.each<[string, unknown]>([
  ["no object", []],
  ["without the lines to skip", { ...origins, skip: undefined }],
  ["without sources", { ...origins, sources: undefined }],
  ["with a source that is no pair", { ...origins, sources: ["/a.ts"] }],
  ["with a source of neither kind", { ...origins, sources: [["/a.ts", 2]] }],
  ["without mappings", { ...origins, mappings: undefined }],
])("a table that is %s is damaged", (_, table) => {
  expect(() => findOrigins(JSON.stringify(table))).toThrow(FantailError);
});

test("a table that is no JSON is damaged", () => {
  expect(() => findOrigins("{")).toThrow(SyntaxError);
});
