import * as v from "valibot";
import { describe, expect, test } from "vitest";
import {
  bodyCodec,
  Damage,
  expectWhole,
  isCount,
  isNumberOrAbsent,
  isTextOrAbsent,
  parseBody,
} from "../../lambdas/protocol/row-body.ts";
import { UnreadableRow } from "../../lambdas/protocol/unreadable-row.ts";

const codec = bodyCodec(v.object({ at: v.number(), names: v.array(v.string()) }));
const row = (body: string) => ({ pk: "job", sk: "page", body });

function refusal(parse: () => unknown): { isNewer: boolean | undefined; message: string } {
  try {
    parse();
  } catch (error) {
    if (error instanceof UnreadableRow) return { isNewer: error.isNewer, message: error.message };
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("the body of a row", () => {
  test("the body of a row is read back unchanged", () => {
    const value = { at: 1, names: ["a", "é"] };
    expect(codec.parse(row(codec.encode(value)))).toEqual(value);
  });

  test("the body of a row may name the format that this version reads, or none", () => {
    expect(codec.parse(row('{"$format":1,"at":1,"names":[]}'))).toEqual({ at: 1, names: [] });
  });

  test.each([
    ["is not JSON", "{", false, "it is damaged: its body is not JSON"],
    ["has a wrong field", '{"at":"1","names":[]}', false, "it is damaged: at: "],
    ["has a wrong item", '{"at":1,"names":["a",2]}', false, "it is damaged: names.1: "],
    ["is a list", "[]", false, "it is damaged: "],
    [
      "is of a later format",
      '{"$format":2,"at":1}',
      true,
      "it has format 2, but this version of fantail only reads format 1",
    ],
    ["names another format", '{"$format":"b"}', true, 'it has format "b"'],
  ])("the body of a row is refused if it %s", (_, body, isNewer, message) => {
    expect(refusal(() => codec.parse(row(body)))).toEqual({ isNewer, message: expect.stringContaining(message) });
  });

  test("the body of a row is damaged if its reader says so, and other errors of the reader are rethrown", () => {
    const damaged = () =>
      parseBody(row("1"), () => {
        throw new Damage("one is too few");
      });
    expect(refusal(damaged).message).toContain("it is damaged: one is too few");
    const mistake = new TypeError("a mistake of ours");
    const mistaken = () =>
      parseBody(row("1"), () => {
        throw mistake;
      });
    expect(mistaken).toThrow(mistake);
  });
});

test("an error about incomplete content names what is damaged", () => {
  expect(() => expectWhole(false, "no tasks")).toThrow(new Damage("no tasks"));
  expect(() => expectWhole(true, "no tasks")).not.toThrow();
});

test.each<[unknown, boolean, boolean, boolean]>([
  [0, true, true, false],
  [3, true, true, false],
  [-1, false, true, false],
  [1.5, false, true, false],
  [Number.NaN, false, true, false],
  ["", false, false, true],
  ["3", false, false, true],
  [undefined, false, true, true],
  [null, false, false, false],
  [[], false, false, false],
])("%j is a count: %s, a number or absent: %s, text or absent: %s", (value, count, number, text) => {
  expect([isCount(value), isNumberOrAbsent(value), isTextOrAbsent(value)]).toEqual([count, number, text]);
});
