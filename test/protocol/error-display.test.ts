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
  test("a task error's stack has the engine's frames, then the submission's", () => {
    const traceback = ["Error: no", ...frames("t", 2), "    [cause]: x", "  caused by"].join("\n");
    expect(remoteStack("RemoteError: no", traceback, frames("s", 1).join("\n"))).toBe(
      ["RemoteError: no", ...frames("t", 2), "  submitted at", ...frames("s", 1)].join("\n"),
    );
  });

  test("a task error's stack omits an unknown submission", () => {
    expect(remoteStack("RemoteError: no", "", "")).toBe("RemoteError: no");
  });

  test("a task error is printed with the first three frames of both places", () => {
    const stack = remoteStack("E: no", frames("t", 5).join("\n"), frames("s", 5).join("\n"));
    expect(firstFrames(stack)).toEqual([...frames("t", 3), "  submitted at", ...frames("s", 3)]);
  });

  test.each<[string, string | undefined, string[]]>([
    [
      "without a submission is printed by its first three frames",
      ["E: no", ...frames("t", 5)].join("\n"),
      frames("t", 3),
    ],
    ["without frames is printed by none", "E: no", []],
    ["that is missing is printed by none", undefined, []],
  ])("a stack %s", (_, stack, shown) => {
    expect(firstFrames(stack)).toEqual(shown);
  });
});

describe("a stack that is built when it is first read", () => {
  test("a stack is built when it is first read, and only once", () => {
    const error = new Error("a");
    let built = 0;
    setLazyStack(error, () => `built ${++built}`);
    expect(built).toBe(0);
    expect([error.stack, error.stack]).toEqual(["built 1", "built 1"]);
  });

  test("a stack that is set replaces one that was not built yet", () => {
    const error = new Error("a");
    setLazyStack(error, () => expect.fail("nobody reads it"));
    error.stack = "mine";
    expect(error.stack).toBe("mine");
  });
});

test("the check whether Node is inspecting an object leaves the settings for stacks unchanged", () => {
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

test("the copy of an error for printing has its text, its fields and its hidden properties", () => {
  const shown = shownError(Object.assign(new TypeError("no"), { stack: "S" }), { taskId: "T" }, { cause: 1 });
  expect({ ...shown }).toEqual({ taskId: "T" });
  expect([shown.name, shown.message, shown.stack, shown.cause]).toEqual(["TypeError", "no", "S", 1]);
});

describe("the failures of several items", () => {
  const failures = (...messages: [index: number, message: string][]) =>
    messages.map(([index, message]) => ({ index, message }));

  test.each<[string, ReturnType<typeof failures>, number | undefined, string]>([
    ["are one line if their messages are equal", failures([0, "no"], [2, "no"]), 9, "2 of 9 items failed: [0, 2] no"],
    ["show the first line of a message", failures([0, "no\nat f"]), 9, "1 of 9 items failed: [0] no"],
    ["use the singular if there is one item in total", failures([0, "no"]), 1, "1 of 1 item failed: [0] no"],
    ["omit the total if it is unknown", failures([0, "no"]), undefined, "1 item failed: [0] no"],
    [
      "have a line for each message, with the indexes",
      failures([0, "a"], [1, "b"], [2, "a"], [3, "a"]),
      9,
      "4 of 9 items failed:\n  [0, 2-3] a\n  [1] b",
    ],
    [
      "have at most three lines, and a count of the rest",
      failures([0, "a"], [1, "b"], [2, "c"], [3, "d"], [4, "e"], [5, "a"]),
      9,
      "6 of 9 items failed:\n  [0, 5] a\n  [1] b\n  [2] c\n  … and 2 more",
    ],
    [
      "name the first five ranges of indexes",
      failures([0, "a"], [2, "a"], [4, "a"], [5, "a"], [7, "a"], [9, "a"], [11, "a"]),
      undefined,
      "7 items failed: [0, 2, 4-5, 7, 9, …] a",
    ],
    [
      "are cut to 200 characters a message",
      failures([0, "x".repeat(300)]),
      9,
      `1 of 9 items failed: [0] ${"x".repeat(199)}…`,
    ],
  ])("the failures of several items %s", (_, given, total, message) => {
    expect(compositeMessage(given, total)).toBe(message);
  });
});
