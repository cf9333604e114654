import { describe, expect, test } from "vitest";
import { largerPoolFor, queueAfter, verdictOnRefusal } from "../../lambdas/core/next-queue.ts";
import type { Roster } from "../../lambdas/core/roster.ts";
import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";

const roster: Roster = [
  { name: "small", memoryMb: 512, count: 2, ids: [[0, 2]] },
  { name: "large", memoryMb: 2048, count: 1, ids: [[2, 3]] },
  { name: "huge", memoryMb: 8192, count: 0, ids: [] },
];
const unmet: EncodedError = { code: "UnmetDependency", ename: "UnmetDependency", evalue: "no GPU" };
const lacking: EncodedError = { ...unmet, module: "sharp" };
const outOfMemory: EncodedError = { code: "EngineError", ename: "EngineError", evalue: "died", memory: true };
const outOfTime: EncodedError = { code: "RunTimeout", ename: "RunTimeout", evalue: "too long" };

describe("the queue in which a task continues", () => {
  test.each<[string, string, Parameters<typeof queueAfter>[2], string]>([
    ["is the same for another attempt", "any", { status: "error", error: outOfTime }, "any"],
    ["leaves out the engine that refused", "any", { status: "unmet", error: unmet }, "any/but:1"],
    ["leaves out the pool that lacks a module", "any", { status: "unmet", error: lacking }, "any/not:small"],
    ["keeps those that refused before", "any/but:0", { status: "unmet", error: unmet }, "any/but:0-1"],
    [
      "is the larger pool's after an escalation",
      "any",
      { status: "lost", error: outOfMemory, up: "large" },
      "any/only:large",
    ],
  ])("the queue in which a task continues %s", (_, queue, entry, after) => {
    expect(queueAfter(queue, { engine: 1, pool: "small" }, entry)).toBe(after);
  });

  test("the queue in which a task continues is the same if the page names no engine", () => {
    expect(queueAfter("any", {}, { status: "unmet", error: unmet })).toBe("any");
  });
});

describe("a refusal", () => {
  const engine = { id: 1, pool: "small" };
  const judged = (queue: string, error: EncodedError, flags = {}, by = engine) =>
    verdictOnRefusal(queue, { status: "unmet", error }, { engine: by, flags, roster }, 2000);

  test("a refused task goes to another engine while one is left", () => {
    expect(judged("any", unmet)).toEqual({ final: false });
    expect(judged("any", lacking)).toEqual({ final: false });
    expect(judged("pool:small", unmet)).toEqual({ final: false });
  });

  test("a refusal by the last engine ends the task as impossible, with the engines and reasons", () => {
    expect(judged("engines:1", unmet)).toMatchObject({
      final: true,
      status: "impossible",
      error: { code: "ImpossibleDependency", evalue: expect.stringMatching(/engine 1.*no GPU/) },
    });
    expect(judged("pool:small", lacking)).toMatchObject({ final: true, status: "impossible" });
  });

  test("a refused task waits for a new engine if its job allows it", () => {
    expect(judged("engines:1", unmet, { waitForNew: true })).toEqual({ final: false });
  });

  test("an escalated attempt that a pool refuses goes to a larger pool, and ends if no larger pool has engines", () => {
    expect(judged("any/only:small", lacking)).toEqual({ final: false, up: "large" });
    expect(judged("any/only:large", lacking, {}, { id: 2, pool: "large" })).toMatchObject({ final: true });
  });
});

describe("a larger pool for the same attempt", () => {
  const up = (error: EncodedError, escalate: boolean, pool = "small", queue = "any") =>
    largerPoolFor(queue, { status: "lost", error }, { engine: { id: 1, pool }, flags: { escalate }, roster });

  test.each<[string, string | undefined, string | undefined]>([
    ["after running out of memory", up(outOfMemory, true), "large"],
    ["after running out of time", up(outOfTime, true), "large"],
    ["not after another failure", up(unmet, true), undefined],
    ["not unless the job allows it", up(outOfMemory, false), undefined],
    ["not where the larger one has no engines", up(outOfMemory, true, "large"), undefined],
    ["not outside of the job's targets", up(outOfMemory, true, "small", "engines:0-1"), undefined],
  ])("the same attempt goes to a larger pool %s", (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
