import { describe, expect, test } from "vitest";
import type { Session } from "../../lambdas/core/engine.ts";
import { canMoveSession, SESSION_MOVES, SESSION_STATES, sessionState } from "../../lambdas/core/session-state.ts";

const invoked: Session = { id: "s", seq: 1, invoked: 0, tries: 1 };
const running: Session = { ...invoked, nonce: "n", until: 900_000, heard: 1 };

describe("a session's state", () => {
  test.each([
    ["none", undefined],
    ["invoked", invoked],
    ["invoked", { ...invoked, failed: { of: "engine", reason: "no code" } }],
    ["early", { ...invoked, early: true }],
    ["running", running],
    ["running", { ...running, early: true }],
    ["overdue", { ...running, overdue: 2 }],
    ["revoking", { ...invoked, over: "its invocation never began" }],
    ["revoking", { ...running, overdue: 2, over: "it sent no message for 40 s" }],
  ] as const)("a session's state is %s for these fields: %j", (state, session) => {
    expect(sessionState(session)).toBe(state);
  });
});

describe("the table of a session's moves", () => {
  const states = ["none", "invoked", "early", "running", "overdue", "revoking"] as const;

  test("the table of a session's moves leaves and reaches every state", () => {
    expect(Object.keys(SESSION_STATES)).toEqual(states);
    for (const state of states) {
      expect(SESSION_MOVES.some(({ from }) => from === state)).toBe(true);
      expect(SESSION_MOVES.some(({ to }) => to.includes(state))).toBe(true);
    }
  });

  test("a session may stay in its state", () => {
    for (const state of states) expect(canMoveSession(state, state)).toBe(true);
  });

  test("a revoked session never runs again, and only an invoked one ever runs", () => {
    for (const state of states)
      expect(canMoveSession("revoking", state)).toBe(state === "none" || state === "revoking");
    expect(canMoveSession("none", "running")).toBe(false);
  });
});
