import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  compositeMessage,
  firstFrames,
  isBeingShown,
  remoteStack,
  setLazyStack,
  shownError,
} from "../../lambdas/protocol/error-display.ts";

const frames = (name: string, count: number) =>
  Array.from({ length: count }, (_, at) => `    at ${name}${at} (f.ts:${at}:1)`);

describe("the stack of a task's error", () => {
  test("has the frames on the engine, then those of the submission", () => {
    const traceback = ["Error: no", ...frames("t", 2), "    [cause]: x", "  caused by"].join("\n");
    expect(remoteStack("RemoteError: no", traceback, frames("s", 1).join("\n"))).toBe(
      ["RemoteError: no", ...frames("t", 2), "  submitted at", ...frames("s", 1)].join("\n"),
    );
  });

  test("says nothing of a submission that is not known", () => {
    expect(remoteStack("RemoteError: no", "", "")).toBe("RemoteError: no");
  });

  test("is shown by its first three frames of both places", () => {
    const stack = remoteStack("E: no", frames("t", 5).join("\n"), frames("s", 5).join("\n"));
    expect(firstFrames(stack)).toEqual([...frames("t", 3), "  submitted at", ...frames("s", 3)]);
  });

  test.each<[string, string | undefined, string[]]>([
    ["without a submission by the first three", ["E: no", ...frames("t", 5)].join("\n"), frames("t", 3)],
    ["without frames by none", "E: no", []],
    ["that is missing by none", undefined, []],
  ])("%s", (_, stack, shown) => {
    expect(firstFrames(stack)).toEqual(shown);
  });
});

describe("a stack that is built when it is first read", () => {
  test("is built once, and not before", () => {
    const error = new Error("a");
    let built = 0;
    setLazyStack(error, () => `built ${++built}`);
    expect(built).toBe(0);
    expect([error.stack, error.stack]).toEqual(["built 1", "built 1"]);
  });

  test("is replaced by one that is set", () => {
    const error = new Error("a");
    setLazyStack(error, () => expect.fail("nobody reads it"));
    error.stack = "mine";
    expect(error.stack).toBe("mine");
  });
});

test("code knows that Node is showing an object, and leaves the settings for stacks as they were", () => {
  const seen: boolean[] = [];
  const before = [Error.stackTraceLimit, Error.prepareStackTrace];
  seen.push(isBeingShown());
  inspect(
    {
      get shown() {
        seen.push(isBeingShown());
        return 1;
      },
    },
    { getters: true },
  );
  expect(seen).toEqual([false, true]);
  expect([Error.stackTraceLimit, Error.prepareStackTrace]).toEqual(before);
});

test("the copy of an error that is shown has its text, its fields, and what is hidden", () => {
  const shown = shownError(Object.assign(new TypeError("no"), { stack: "S" }), { taskId: "T" }, { cause: 1 });
  expect({ ...shown }).toEqual({ taskId: "T" });
  expect([shown.name, shown.message, shown.stack, shown.cause]).toEqual(["TypeError", "no", "S", 1]);
});

describe("the failures of several items", () => {
  const failures = (...messages: [index: number, message: string][]) =>
    messages.map(([index, message]) => ({ index, message }));

  test.each<[string, ReturnType<typeof failures>, number | undefined, string]>([
    ["are one line where there is one message", failures([0, "no"], [2, "no"]), 9, "2 of 9 items failed: [0, 2] no"],
    ["are one line of the first line of a message", failures([0, "no\nat f"]), 9, "1 of 9 items failed: [0] no"],
    ["of a total of one are of an item", failures([0, "no"]), 1, "1 of 1 item failed: [0] no"],
    ["do not say of how many where that is not known", failures([0, "no"]), undefined, "1 item failed: [0] no"],
    [
      "are a line for each message, with the indexes",
      failures([0, "a"], [1, "b"], [2, "a"], [3, "a"]),
      9,
      "4 of 9 items failed:\n  [0, 2-3] a\n  [1] b",
    ],
    [
      "are three lines, and a count of the rest",
      failures([0, "a"], [1, "b"], [2, "c"], [3, "d"], [4, "e"], [5, "a"]),
      9,
      "6 of 9 items failed:\n  [0, 5] a\n  [1] b\n  [2] c\n  … and 2 more",
    ],
    [
      "name the first five places",
      failures([0, "a"], [2, "a"], [4, "a"], [5, "a"], [7, "a"], [9, "a"], [11, "a"]),
      undefined,
      "7 items failed: [0, 2, 4-5, 7, 9, …] a",
    ],
    [
      "cut a long message to 200 characters",
      failures([0, "x".repeat(300)]),
      9,
      `1 of 9 items failed: [0] ${"x".repeat(199)}…`,
    ],
  ])("%s", (_, given, total, message) => {
    expect(compositeMessage(given, total)).toBe(message);
  });
});
