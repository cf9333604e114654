import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import {
  fieldFault,
  mustBeOneOf,
  parseSetting,
  shown,
  unknownName,
  wholeNumber,
} from "../../lambdas/protocol/setting-fault.ts";

const Engine = v.strictObject({ name: v.string(), count: v.optional(wholeNumber(1, 9), 2) });
const Code = v.strictObject({ path: v.string() });
const Props = v.strictObject({
  engines: v.optional(v.pipe(v.array(Engine), v.minLength(1, "must have a pool"))),
  table: v.optional(v.picklist(["retain", "destroy"])),
  open: v.optional(v.boolean()),
  text: v.optional(v.string()),
  size: v.optional(v.pipe(v.number(), v.integer(), v.minValue(3), v.maxValue(5))),
  tags: v.optional(v.record(v.string(), v.string())),
  code: v.optional(
    v.pipe(
      Code,
      v.check(({ path }) => path !== "", "must have a path"),
    ),
  ),
});
const NAMES = "engines, table, open, text, size, tags, code";

/** Returns the invalid setting and the message about it. */
function faultIn(value: unknown, name = ""): [flag: string, message: string] {
  try {
    parseSetting(Props, value, name);
  } catch (error) {
    if (error instanceof InvalidFlag) return [error.flag, error.message.slice(`flag ${error.flag}: `.length)];
    throw error;
  }
  throw new Error("nothing was wrong");
}

describe("a user's setting", () => {
  test("a user's setting is returned with its defaults", () => {
    expect(parseSetting(Props, { engines: [{ name: "a" }] }, "")).toEqual({ engines: [{ name: "a", count: 2 }] });
  });

  test.each<[string, unknown, string, string]>([
    [
      "has a field with a similar name",
      { engine: [] },
      "engine",
      `is not known; did you mean engines? known names are ${NAMES}`,
    ],
    ["has an unknown field", { zzz: 1 }, "zzz", `is not known; known names are ${NAMES}`],
    [
      "has a field with a near name",
      { engines: [{ name: "a", cuont: 1 }] },
      "engines[0].cuont",
      "is not known; did you mean count? known names are name, count",
    ],
    [
      "has an unknown field inside what is checked as a whole",
      { code: { path: "a", pth: 1 } },
      "code.pth",
      "is not known; did you mean path? known names are path",
    ],
    ["lacks a field", { engines: [{ name: "a" }, {}] }, "engines[1].name", "is missing"],
    ["has a field that is undefined", { code: { path: undefined } }, "code.path", "is missing"],
    ["is not a list", { engines: {} }, "engines", "must be a list, not {}"],
    ["is not an object", { code: 1 }, "code", "must be { path }, not 1"],
    ["is not an object with names of the user's own", { tags: 1 }, "tags", "must be an object, not 1"],
    ["has an invalid value under a name of the user's own", { tags: { a: 1 } }, "tags.a", "must be a string, not 1"],
    ["is not one of the options", { table: "keep" }, "table", "must be one of retain, destroy, not 'keep'"],
    ["is not a boolean", { open: 1 }, "open", "must be true or false, not 1"],
    ["is not text", { text: 1 }, "text", "must be a string, not 1"],
    ["is not a number", { size: "4" }, "size", "must be a number, not '4'"],
    ["is a fraction", { size: 3.5 }, "size", "must be a whole number, not 3.5"],
    ["is too small", { size: 2 }, "size", "must be 3 or more, not 2"],
    ["is too large", { size: 6 }, "size", "must be 5 or less, not 6"],
    ["fails a custom check", { engines: [] }, "engines", "must have a pool, not []"],
    ["fails a custom check of the whole object", { code: { path: "" } }, "code", "must have a path, not { path: '' }"],
    ["is missing as a whole", undefined, "props", `must be { ${NAMES} }, not undefined`],
  ])("a user's setting is refused if it %s", (_, value, flag, message) => {
    expect(faultIn(value)).toEqual([flag, message]);
  });

  test("the error names an invalid setting with its path", () => {
    expect(faultIn({ engines: [{ name: "a", count: 0 }] }, "props")).toEqual([
      "props.engines[0].count",
      "must be a whole number from 1 to 9, not 0",
    ]);
    expect(faultIn(3, "props")[0]).toBe("props");
  });
});

describe("a whole number", () => {
  test.each<[unknown, boolean]>([
    [1, true],
    [9, true],
    [0, false],
    [10, false],
    [1.5, false],
    ["1", false],
    [Number.NaN, false],
  ])("%s as a whole number from 1 to 9 is valid: %s", (value, isValid) => {
    const { success, issues } = v.safeParse(wholeNumber(1, 9), value);
    expect(success).toBe(isValid);
    // There is only one message, whatever is wrong.
    if (!isValid)
      expect(new Set(issues?.map(({ message }) => message))).toEqual(new Set(["must be a whole number from 1 to 9"]));
  });

  test("the error for a whole number without a maximum states only the minimum", () => {
    const { issues } = v.safeParse(wholeNumber(3), 2);
    expect(issues?.[0].message).toBe("must be a whole number, 3 or more");
    expect(v.is(wholeNumber(3), Number.MAX_SAFE_INTEGER)).toBe(true);
  });
});

test.each<[string, unknown, string]>([
  ["a field", { name: 1 }, "name must be a string, not 1"],
  ["a missing field", {}, "name is missing"],
  ["the value itself", 1, "must be { name, count }, not 1"],
])("the error about %s is a sentence that begins with its path", (_, value, sentence) => {
  const { issues } = v.safeParse(Engine, value, { abortEarly: true });
  if (!issues) throw new Error("nothing was wrong");
  expect(fieldFault(Engine, issues[0])).toBe(sentence);
});

test("the error for a choice lists the options, and the error for an unknown name the known names", () => {
  expect(mustBeOneOf(["a", 1])).toBe("must be one of a, 1");
  expect(unknownName("x", [])).toBe("is not known");
  expect(unknownName("xyz", ["abc", "def"])).toBe("is not known; known names are abc, def");
  expect(unknownName("abd", ["abc", "def"])).toBe("is not known; did you mean abc? known names are abc, def");
});

test.each<[string, unknown, string]>([
  ["as in JavaScript", { a: ["b"] }, "{ a: [ 'b' ] }"],
  ["to a depth of two", { a: { b: { c: 1 } } }, "{ a: { b: [Object] } }"],
  ["whole up to 60 characters", "x".repeat(58), `'${"x".repeat(58)}'`],
  ["cut beyond", "x".repeat(59), `'${"x".repeat(59)}…`],
])("a value in an error is printed %s", (_, value, text) => {
  expect(shown(value)).toBe(text);
});
