import { describe, expect, test } from "vitest";
import { isEncodedError, isEncodedValue } from "../../lambdas/protocol/encoded-parts.ts";

const error = { code: "RemoteError", ename: "TypeError", evalue: "no such row" };
const blob = { blob: "a".repeat(64), bytes: 9000 };

describe("a stored value", () => {
  test.each<[string, unknown, boolean]>([
    ["is the codec's text", "J[1]", true],
    ["is empty text", "", true],
    ["is a reference to a blob", blob, true],
    ["is no blob without its length", { blob: blob.blob }, false],
    ["is no length without its blob", { bytes: 9000 }, false],
    ["has a number for its length", { ...blob, bytes: "9000" }, false],
    ["is no number", 1, false],
    ["is no list", ["J[1]"], false],
    ["is not null", null, false],
  ])("%s", (_, value, expected) => {
    expect(isEncodedValue(value)).toBe(expected);
  });
});

describe("a stored error", () => {
  test.each<[string, unknown]>([
    ["a code, a name and a message", error],
    ["what was thrown, as text", { ...error, thrown: "J1" }],
    ["what was thrown, in a blob", { ...error, thrown: blob }],
    [
      "all its other fields",
      { ...error, traceback: "at f", dependency: "01J.3", reason: "why", memory: true, module: "sharp" },
    ],
    ["a field of a later version", { ...error, later: 1 }],
  ])("may have %s", (_, value) => {
    expect(isEncodedError(value)).toBe(true);
  });

  test.each<[string, unknown]>([
    ["a code that does not exist", { ...error, code: "Oops" }],
    ["no code", { ...error, code: undefined }],
    ["no name", { ...error, ename: undefined }],
    ["no message", { ...error, evalue: undefined }],
    ["a traceback that is no text", { ...error, traceback: ["at f"] }],
    ["something thrown that is not encoded", { ...error, thrown: { at: 1 } }],
    ["a dependency that is no text", { ...error, dependency: 3 }],
    ["a reason that is no text", { ...error, reason: null }],
    ["a memory flag that is no boolean", { ...error, memory: 512 }],
    ["a module that is no text", { ...error, module: {} }],
  ])("may not have %s", (_, value) => {
    expect(isEncodedError(value)).toBe(false);
  });

  test("is an object", () => {
    expect([null, "RemoteError", [error]].map(isEncodedError)).toEqual([false, false, false]);
  });
});
