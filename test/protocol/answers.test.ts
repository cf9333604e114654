import { describe, expect, it } from "vitest";
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
  ])("an answer of the scheduler is read as it was sent: %o", (answer) => {
    expect(parseSchedulerAnswer(answer)).toEqual(answer);
  });

  it("an answer of the scheduler is read without the fields that a later version has added", () => {
    const later = { type: "status", status: { ...status, uptime: 3, engines: [{ ...engine, zone: "a" }] }, more: 1 };
    expect(parseSchedulerAnswer(later)).toEqual({ type: "status", status });
  });

  it.each([
    [undefined, "all"],
    ["ok", "all"],
    [{ type: "later" }, "type"],
    [{ type: "status", status: { ...status, engines: [{ ...engine, load: "1" }] } }, "status.engines.0.load"],
    [{ type: "ok", standing: [{}] }, "standing.0.id"],
  ])("an answer of the scheduler of another form is refused, and the error says where: %o", (answer, path) => {
    const refusal = expect.objectContaining({
      code: "ClusterError",
      message: expect.stringContaining(`(unexpected value at ${path})`),
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
  ])("an answer of the report function is read as it was sent: %o", (answer) => {
    expect(parseEngineAnswer(answer)).toEqual(answer);
  });

  it.each([
    [{ type: "later" }, "cannot read the report function's answer", "type"],
    [{ type: "alive", aborting: [[1]] }, "cannot read the report function's answer", "aborting.0.1"],
    [{ type: "asked", answer: { type: "no" } }, "cannot read the report function's answer", "answer.type"],
    [{ type: "lease", grant: { ...grant, tasks: [[]] } }, "cannot read the tasks sent to this engine", "grant.tasks.0"],
    [{ type: "lease" }, "cannot read the tasks sent to this engine", "grant"],
  ])(
    "an answer of the report function of another form is refused, and the error says where: %o",
    (answer, message, path) => {
      expect(() => parseEngineAnswer(answer)).toThrow(message);
      expect(() => parseEngineAnswer(answer)).toThrow(`(unexpected value at ${path})`);
    },
  );
});

describe("the lease in an engine's event", () => {
  it("the lease in an engine's event is read as it was sent", () => {
    expect(parseGrant(grant)).toEqual(grant);
  });

  it("the lease in an engine's event of another form is refused, and the error says where", () => {
    const refusal = expect.objectContaining({
      code: "ClusterError",
      message: expect.stringContaining("(unexpected value at aimMs)"),
    });
    expect(() => parseGrant({ ...grant, aimMs: "soon" })).toThrow(refusal);
  });
});
