import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { differentVersions, faultIn } from "../../lambdas/protocol/answer-fault.ts";
import { parseEngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import { parseGrant } from "../../lambdas/protocol/grant.ts";
import { parseSchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";

const engine = { id: 0, pool: "default", load: 1, assigned: 0, live: true, state: "open" };
const status = {
  engines: [engine],
  hints: 0,
  scheme: "leastload",
  hwm: "adaptive",
  code: { shipping: true, functions: ["double"] },
  pools: [{ name: "default", count: 1, memoryMb: 1769, timeoutSeconds: 900, ids: [[0, 1]] }],
};
const grant = { job: "j", seq: 1, tasks: [[0, 1, 0, "J[]"]], functions: [], units: [], chunked: false, aimMs: 100 };

describe("an answer of the scheduler", () => {
  it.each([
    { type: "ok" },
    { type: "ok", again: 500 },
    { type: "status", status },
    { type: "queue", queue: { unassigned: [{ job: "j", ranges: [[0, 2]] }], waiting: [], engines: [] } },
    { type: "resubmitted", headers: [] },
    { type: "values", values: [["J1", null]] },
    { type: "error", code: "InvalidFlag", message: "flag hwm: must be 0 or more", flag: "hwm" },
  ])("an answer of the scheduler is read back unchanged: %o", (answer) => {
    expect(parseSchedulerAnswer(answer)).toEqual(answer);
  });

  it("an answer of the scheduler is read without fields of a later version", () => {
    const later = { type: "status", status: { ...status, uptime: 3, engines: [{ ...engine, zone: "a" }] }, more: 1 };
    expect(parseSchedulerAnswer(later)).toEqual({ type: "status", status });
  });

  it.each([
    [undefined, "not of a known form"],
    ["ok", "not of a known form"],
    [{ type: "later" }, "unexpected value at type"],
    [
      { type: "status", status: { ...status, engines: [{ ...engine, load: "1" }] } },
      "unexpected value at status.engines.0.load",
    ],
    [{ type: "ok", standing: [{}] }, "unexpected value at standing.0.id"],
  ])("an invalid answer of the scheduler is refused with the path of the fault: %o", (answer, fault) => {
    const refusal = expect.objectContaining({
      code: "ClusterError",
      message: expect.stringContaining(`(${fault})`),
    });
    expect(() => parseSchedulerAnswer(answer)).toThrow(refusal);
  });
});

describe("an answer of the report function", () => {
  it.each([
    { type: "began" },
    { type: "began", grant },
    { type: "lease", grant },
    { type: "continue", seq: 2, grant },
    { type: "idle" },
    { type: "alive", aborting: [[1, 3]], parked: [{ job: "j", ranges: [[0, 1]] }] },
    { type: "waiting", seq: 3 },
    { type: "settled" },
    { type: "asked", answer: { type: "ok" } },
    { type: "row" },
    { type: "row", row: { pk: "job#j", sk: "job", body: "{}", from: 0, to: 2, state: "open", purged: ["0-1"] } },
    { type: "pages", pages: [{ sk: "o#0", body: "{}" }], more: false },
    { type: "units", units: [{ hash: "a".repeat(64), body: "" }] },
    { type: "refused", message: "another session" },
  ])("an answer of the report function is read back unchanged: %o", (answer) => {
    expect(parseEngineAnswer(answer)).toEqual(answer);
  });

  it.each([
    [{ type: "later" }, "cannot read the report function's answer", "type"],
    [{ type: "alive", aborting: [[1]] }, "cannot read the report function's answer", "aborting.0.1"],
    [{ type: "asked", answer: { type: "no" } }, "cannot read the report function's answer", "answer.type"],
    [{ type: "lease", grant: { ...grant, tasks: [[]] } }, "cannot read the tasks sent to this engine", "grant.tasks.0"],
    [{ type: "lease" }, "cannot read the tasks sent to this engine", "grant"],
  ])("an invalid answer of the report function is refused with the path of the fault: %o", (answer, message, path) => {
    expect(() => parseEngineAnswer(answer)).toThrow(message);
    expect(() => parseEngineAnswer(answer)).toThrow(`(unexpected value at ${path})`);
  });
});

describe("the lease in an engine's event", () => {
  it("the lease in an engine's event is read back unchanged", () => {
    expect(parseGrant(grant)).toEqual(grant);
  });

  it("an invalid lease in an engine's event is refused with the path of the fault", () => {
    const refusal = expect.objectContaining({
      code: "ClusterError",
      message: expect.stringContaining("(unexpected value at aimMs)"),
    });
    expect(() => parseGrant({ ...grant, aimMs: "soon" })).toThrow(refusal);
  });
});

describe("the fault of an unreadable answer", () => {
  const Answer = v.object({ tasks: v.array(v.number()) });

  it.each([
    ["text", "not of a known form"],
    [{ tasks: [1, "2"] }, "unexpected value at tasks.1"],
  ])("the fault of %o is its path, if only a part is wrong", (answer, fault) => {
    const { issues: [issue] = [] } = v.safeParse(Answer, answer);
    expect(issue && faultIn(issue)).toBe(fault);
  });

  it("the advice on different versions names both sides and what to do", () => {
    expect(differentVersions("engine and scheduler")).toBe(
      "engine and scheduler probably run different versions of fantail: deploy the cluster again",
    );
    expect(differentVersions("client and engine")).toMatch(/^client and engine .*: deploy the cluster again$/);
    expect(differentVersions("client and cluster")).toMatch(/^client and cluster .*: use the version of fantail/);
    expect(() => parseSchedulerAnswer({ type: "later" })).toThrow(differentVersions("client and cluster"));
    expect(() => parseEngineAnswer({ type: "later" })).toThrow(differentVersions("engine and scheduler"));
    expect(() => parseGrant({})).toThrow(differentVersions("engine and scheduler"));
  });
});
