import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { JobHeader } from "../../lambdas/protocol/job-header.ts";
import {
  JobId,
  Secret,
  SortedRanges,
  TaskCount,
  TaskId,
  TaskRange,
  Time,
} from "../../lambdas/protocol/message-fields.ts";

const JOB = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const SECRET = "0123456789abcdef";

describe("a field of a message", () => {
  test.each<[string, v.GenericSchema, unknown[], unknown[]]>([
    ["that is a job's id", JobId, [JOB], ["", JOB.toLowerCase(), `${JOB}0`, `${JOB}.0`, 1]],
    ["that is a task's id", TaskId, [`${JOB}.0`, `${JOB}.99`], ["", JOB, `${JOB}.`, `${JOB}.-1`, `${JOB}.1.1`]],
    ["that is a number of tasks", TaskCount, [0, 99_999_999], [-1, 0.5, 100_000_000, "1", Number.NaN]],
    ["that is a time", Time, [0, 1.5, 8.64e15], [-1, 8.64e15 + 2, Number.NaN, Number.POSITIVE_INFINITY, "0"]],
    [
      "that is a range of tasks",
      TaskRange,
      [
        [0, 1],
        [3, 3],
      ],
      [[1, 0], [0], [0, 1, 2], [0, 1.5], { from: 0, to: 1 }],
    ],
    [
      "that is a list of ranges",
      SortedRanges,
      [
        [[0, 1]],
        [
          [0, 2],
          [2, 3],
          [7, 9],
        ],
      ],
      [
        [],
        [[1, 1]],
        [
          [2, 3],
          [0, 1],
        ],
        [
          [0, 2],
          [1, 3],
        ],
      ],
    ],
    [
      "that is a secret",
      Secret,
      [SECRET, "_-".repeat(32)],
      [SECRET.slice(1), "a".repeat(65), `${SECRET}=`, `${SECRET}\n`, 16],
    ],
  ])("a field %s accepts valid values and refuses all others", (_, schema, valid, invalid) => {
    expect(valid.map((value) => v.is(schema, value))).toEqual(valid.map(() => true));
    expect(invalid.map((value) => v.is(schema, value))).toEqual(invalid.map(() => false));
  });
});

const header = {
  id: JOB,
  tasks: 3,
  items: 6,
  shape: "map",
  chunked: true,
  flags: {},
  submitted: 1_700_000_000_000,
  client: "c",
  pageTasks: 100,
  specBytes: 64,
};

describe("the header of a job", () => {
  test.each<[string, object]>([
    ["has only the required fields", {}],
    ["has no tasks that can be claimed from pages", { free: 0 }],
    ["belongs to a nested job", { parent: `${JOB}.0` }],
    ["belongs to tasks that ran before, all or some of a job", { resubmitOf: { job: JOB, ranges: [[0, 3]] } }],
    ["belongs to tasks that ran before in many ranges", { resubmitOf: { job: JOB } }],
    ["has a label of 200 characters", { label: "x".repeat(200) }],
    ["has an idempotency key's token", { key: "k" }],
  ])("the header of a job is accepted if it %s", (_, more) => {
    expect(v.safeParse(JobHeader, { ...header, ...more })).toMatchObject({ success: true });
  });

  test.each<[string, object]>([
    ["has no tasks", { tasks: 0 }],
    ["has no items", { items: 0 }],
    ["has an unknown shape", { shape: "reduce" }],
    ["has more tasks in a page than it holds", { pageTasks: 101 }],
    ["has a label of 201 characters", { label: "x".repeat(201) }],
    ["has a parent that is a job", { parent: JOB }],
    ["has an empty token", { key: "" }],
    ["has more names than a job may use", { names: Array.from({ length: 101 }, (_, at) => `n${at}`) }],
    ["has an unknown field", { more: 1 }],
  ])("the header of a job is refused if it %s", (_, more) => {
    expect(v.is(JobHeader, { ...header, ...more })).toBe(false);
  });
});

describe("the event that starts a session", () => {
  const event = { engine: 0, session: SECRET, door: "report" };

  test.each<[string, object, boolean]>([
    ["may contain the first lease", { grant: { job: JOB } }, true],
    ["may contain fields of a later version", { more: 1 }, true],
    ["must name an engine", { engine: -1 }, false],
    ["must identify the session by a secret", { session: "short" }, false],
    ["must name the function to report to", { door: undefined }, false],
  ])("the event that starts a session %s", (_, more, isValid) => {
    expect(v.is(EngineEvent, event)).toBe(true);
    expect(v.is(EngineEvent, { ...event, ...more })).toBe(isValid);
  });
});
