import { describe, expect, test } from "vitest";
import {
  type DependencyState,
  dependencyState,
  followLocation,
  groupState,
  parentsOf,
} from "../../lambdas/core/dependency-state.ts";
import type { Ended } from "../../lambdas/core/ledger.ts";
import type { DependencyAtRest } from "../../lambdas/protocol/dependency.ts";
import type { EntryStatus } from "../../lambdas/protocol/outcome-page.ts";

/** Outcomes of tasks 0, 1, … of job P; `undefined`: not ended yet. */
type Ends = (EntryStatus | undefined)[];

function endedOf(ends: Ends, engine: number | null = 1) {
  return (job: string, index: number): Ended | undefined => {
    const status = job === "P" ? ends[index] : undefined;
    return status && { status, first: index, lease: "0", ...(engine === null ? {} : { engine, generation: 0 }) };
  };
}

function on(all: boolean, by: "success" | "failure" | "both", tasks = 2): DependencyAtRest {
  return { on: [["P", 0, tasks]], all, success: by !== "failure", failure: by !== "success" };
}

describe("a dependency", () => {
  test.each<[DependencyState["is"], string, DependencyAtRest, Ends]>([
    ["waiting", "while a task of all has not ended", on(true, "success"), ["ok", undefined]],
    ["met", "when all have succeeded", on(true, "success"), ["ok", "ok"]],
    ["impossible", "when one of all has failed, whatever the others do", on(true, "success"), [undefined, "error"]],
    ["met", "when one of any has succeeded", on(false, "success"), [undefined, "ok"]],
    ["waiting", "while any may still succeed", on(false, "success"), ["error", undefined]],
    ["impossible", "when none of any has succeeded", on(false, "success"), ["error", "aborted"]],
    ["met", "when all have failed, and failures are waited for", on(true, "failure"), ["error", "lost"]],
    ["impossible", "when one has succeeded, and failures are waited for", on(true, "failure"), ["ok", undefined]],
    ["met", "when all have ended, however", on(true, "both"), ["ok", "timeout"]],
    ["met", "when one of any has ended, however", on(false, "both"), [undefined, "impossible"]],
  ])("as in ipyparallel, a dependency is %s %s", (is, _, dependency, ends) => {
    expect(dependencyState(dependency, "J", endedOf(ends)).is).toBe(is);
  });

  test.each<[EntryStatus, string]>([
    ["error", "failed"],
    ["lost", "was lost with its engine"],
    ["timeout", "timed out"],
    ["aborted", "was aborted"],
    ["impossible", "could not run itself"],
  ])("a dependency is impossible with a reason: a task that ended as %s %s", (status, reason) => {
    const state = dependencyState(on(true, "success", 1), "J", endedOf([status]));
    expect(state).toMatchObject({ is: "impossible", parent: { job: "P", index: 0 }, reason });
  });

  test("a `follow` is impossible if its parent never ran on an engine", () => {
    const follow = on(true, "both", 1);
    expect(dependencyState(follow, "J", endedOf(["aborted"], null)).is).toBe("met");
    expect(dependencyState(follow, "J", endedOf(["aborted"], null), true)).toMatchObject({
      reason: "never ran on an engine",
    });
  });

  test("a dependency with an empty job id is on the task's own job", () => {
    const own: DependencyAtRest = {
      ...on(true, "success"),
      on: [
        ["", 3, 5],
        ["Q", 0, 1],
      ],
    };
    expect([...parentsOf(own, "J")]).toEqual([
      { job: "J", index: 3 },
      { job: "J", index: 4 },
      { job: "Q", index: 0 },
    ]);
  });
});

describe("a group", () => {
  const [met, waiting, impossible] = [
    on(true, "success", 1),
    { ...on(true, "success", 1), on: [["P", 1, 2]] },
    on(true, "failure", 1),
  ] as [DependencyAtRest, DependencyAtRest, DependencyAtRest];
  test.each<[DependencyState["is"], DependencyAtRest[], DependencyAtRest | undefined]>([
    ["met", [], undefined],
    ["met", [met, met], met],
    ["waiting", [met, waiting], met],
    ["waiting", [met], waiting],
    ["impossible", [waiting, impossible], undefined],
    ["impossible", [waiting], impossible],
  ])("a group is %s", (is, after, follow) => {
    expect(groupState({ after, follow }, "J", endedOf(["ok", undefined])).is).toBe(is);
  });
});

describe("a met follow", () => {
  const ran =
    (...engines: (number | undefined)[]) =>
    (_: string, index: number): Ended | undefined => {
      const engine = engines[index];
      return { status: "ok", first: index, lease: "0", ...(engine === undefined ? {} : { engine, generation: 4 }) };
    };
  const lives =
    (...alive: number[]) =>
    (engine: number) =>
      alive.includes(engine);

  test("a met follow lets its tasks run where all ran, if that is one engine", () => {
    expect(followLocation(on(true, "success"), "J", ran(3, 3), lives(3))).toEqual({
      is: "engines",
      engines: [{ id: 3, generation: 4 }],
    });
    expect(followLocation(on(true, "success"), "J", ran(3, 5), lives(3, 5))).toMatchObject({
      is: "impossible",
      reason: "ran on engine 5, but another task to follow ran on engine 3",
    });
  });

  test("a met follow lets its tasks run where any ran, by id", () => {
    const { engines } = followLocation(on(false, "success"), "J", ran(5, 3), lives(3, 5)) as { engines: unknown };
    expect(engines).toEqual([
      { id: 3, generation: 4 },
      { id: 5, generation: 4 },
    ]);
  });

  test("a met follow lets no task run on an engine that has died since", () => {
    const dead = { is: "impossible", reason: "ran on engine 3, which has died since" };
    expect(followLocation(on(true, "success"), "J", ran(3, 3), lives())).toMatchObject(dead);
    expect(followLocation(on(false, "success"), "J", ran(3, 5), lives(5))).toEqual({
      is: "engines",
      engines: [{ id: 5, generation: 4 }],
    });
  });
});
