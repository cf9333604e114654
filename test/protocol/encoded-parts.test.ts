import { describe, expect, test } from "vitest";
import { isEncodedError, isEncodedValue } from "../../lambdas/protocol/encoded-parts.ts";

const error = { code: "RemoteError", ename: "TypeError", evalue: "no such row" };
const blob = { blob: "a".repeat(64), bytes: 9000 };

describe("a stored value", () => {
  test.each<[string, unknown, boolean]>([
    ["may be the codec's text", "J[1]", true],
    ["may be empty", "", true],
    ["may be a reference to a blob", blob, true],
    ["cannot be a blob without its length", { blob: blob.blob }, false],
    ["cannot be a length without a blob", { bytes: 9000 }, false],
    ["cannot have a length that is not a number", { ...blob, bytes: "9000" }, false],
    ["cannot be a number", 1, false],
    ["cannot be a list", ["J[1]"], false],
    ["cannot be null", null, false],
  ])("a stored value %s", (_, value, expected) => {
    expect(isEncodedValue(value)).toBe(expected);
  });
});

describe("a stored error", () => {
  test.each<[string, unknown]>([
    ["a code, a name and a message", error],
    ["the thrown value as text", { ...error, thrown: "J1" }],
    ["the thrown value in a blob", { ...error, thrown: blob }],
    [
      "all its other fields",
      { ...error, traceback: "at f", dependency: "01J.3", reason: "why", memory: true, module: "sharp" },
    ],
    ["a field of a later version", { ...error, later: 1 }],
  ])("a stored error may have %s", (_, value) => {
    expect(isEncodedError(value)).toBe(true);
  });

  test.each<[string, unknown]>([
    ["a code that does not exist", { ...error, code: "Oops" }],
    ["no code", { ...error, code: undefined }],
    ["no name", { ...error, ename: undefined }],
    ["no message", { ...error, evalue: undefined }],
    ["a traceback that is not text", { ...error, traceback: ["at f"] }],
    ["a thrown value that is not encoded", { ...error, thrown: { at: 1 } }],
    ["a dependency that is not text", { ...error, dependency: 3 }],
    ["a reason that is not text", { ...error, reason: null }],
    ["a memory flag that is not a boolean", { ...error, memory: 512 }],
    ["a module that is not text", { ...error, module: {} }],
  ])("a stored error may not have %s", (_, value) => {
    expect(isEncodedError(value)).toBe(false);
  });

  test("a stored error must be an object", () => {
    expect([null, "RemoteError", [error]].map(isEncodedError)).toEqual([false, false, false]);
  });
});
