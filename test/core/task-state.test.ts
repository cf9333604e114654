import { describe, expect, test } from "vitest";
import { canReach, TASK_MOVES, TASK_STATES, type TaskFacts, taskState } from "../../lambdas/core/task-state.ts";
import { FINAL_STATUSES } from "../../lambdas/protocol/outcome-page.ts";

function facts(change: Partial<TaskFacts> = {}): TaskFacts {
  return { outcome: undefined, isHeld: false, isWaiting: false, job: "open", ...change };
}

describe("a task's state follows from its facts", () => {
  test.each<[string, Partial<TaskFacts>]>([
    ["ready", {}],
    ["running", { isHeld: true }],
    ["waiting", { isWaiting: true }],
    ["submitted", { job: "submitting" }],
    ["submitted", { job: "submitting", isWaiting: true }],
    ["submitted", { job: "ending" }],
    ["ok", { outcome: "ok" }],
    ["ok", { outcome: "ok", isHeld: true }],
    ["aborted", { outcome: "aborted", job: "submitting" }],
    ["impossible", { outcome: "impossible", isWaiting: true }],
    ["lost", { outcome: "lost", job: "closed" }],
  ])("a task is %s by these facts: %j", (state, change) => {
    expect(taskState(facts(change))).toBe(state);
  });
});

describe("the table of a task's moves", () => {
  test("the table of a task's moves names each way to end, which excludes refusals", () => {
    expect(FINAL_STATUSES).toEqual(["ok", "error", "lost", "timeout", "aborted", "impossible"]);
    expect(Object.keys(TASK_STATES)).toEqual(["submitted", "waiting", "ready", "running", ...FINAL_STATUSES]);
  });

  test("the table of a task's moves reaches every state from the first, and leaves none that has ended", () => {
    for (const state of Object.keys(TASK_STATES))
      expect(TASK_MOVES.some(({ to }) => to.some((one) => one === state)) || state === "submitted").toBe(true);
    for (const state of FINAL_STATUSES) {
      expect(canReach("submitted", state)).toBe(true);
      expect(canReach(state, "ready")).toBe(false);
    }
    expect(canReach("ready", "submitted")).toBe(false);
    expect(canReach("running", "waiting")).toBe(true);
  });
});
