import { describe, expect, test } from "vitest";
import type { Session } from "../../lambdas/core/engine.ts";
import { heardSession, isWorthNoting, silenceOf } from "../../lambdas/core/silence.ts";

const NOW = 1_000_000;
const session = (change: Partial<Session> = {}): Session => ({ id: "s", seq: 1, invoked: 0, tries: 1, ...change });

describe("the silence of a session", () => {
  test.each<[string, number | undefined, number | undefined, ReturnType<typeof silenceOf>]>([
    ["is none before it has begun", undefined, undefined, "none"],
    ["is none after a message just now", 0, undefined, "none"],
    ["is none up to one heartbeat and the allowance", 15_000, undefined, "none"],
    ["is overdue beyond that", 15_001, undefined, "overdue"],
    [
      "is at first only overdue, however long it has lasted, because the observer may have been suspended",
      3_600_000,
      undefined,
      "overdue",
    ],
    ["is not reported again at once", 40_000, 9_999, "none"],
    ["is not complete after three heartbeats and the allowance", 35_000, 20_000, "none"],
    ["is complete beyond that, one heartbeat after it was recorded", 35_001, 10_000, "silent"],
    ["ends with a message, even if it was recorded", 100, 10_000, "none"],
  ])("a session's silence %s", (_, heardAgo, overdueFor, expected) => {
    const heard = heardAgo === undefined ? undefined : NOW - heardAgo;
    const overdue = overdueFor === undefined ? undefined : NOW - overdueFor;
    expect(silenceOf(session({ heard, overdue }), NOW)).toBe(expected);
  });

  test("a message ends a recorded silence", () => {
    const heard = heardSession(session({ heard: 5, overdue: 7, nonce: "n" }), NOW);
    expect(heard).toEqual(session({ heard: NOW, nonce: "n" }));
    expect(silenceOf(heard, NOW)).toBe("none");
  });
});

describe("a heartbeat is written to the engine's row", () => {
  test.each<[string, Partial<Session>, boolean]>([
    ["if it is the first", {}, true],
    ["if the session was overdue", { heard: NOW, overdue: NOW }, true],
    ["if the last one is 5 seconds old", { heard: NOW - 5000 }, true],
    ["unless the last one is more recent", { heard: NOW - 4999 }, false],
  ])("a heartbeat is written to the engine's row %s", (_, change, expected) => {
    expect(isWorthNoting(session(change), NOW)).toBe(expected);
  });
});
