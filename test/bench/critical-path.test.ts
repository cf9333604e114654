import { describe, expect, it } from "vitest";
import { callFigures } from "../../bench/call-figures.ts";
import { criticalPath, type Span } from "../../bench/critical-path.ts";
import type { RecordedCall } from "../../client/local/requests/call-log.ts";

type Details = Partial<RecordedCall>;

/** Returns a call to a table, named by its operation. */
const call = (operation: string, within: string, start: number, end: number, details: Details = {}): RecordedCall => ({
  service: "dynamodb",
  operation,
  by: within,
  ...(within !== "client" && { within }),
  start,
  end,
  waitedMs: 0,
  ...details,
});
const read = (within: string, start: number, end: number, partition: string, found: boolean) =>
  call("Query", within, start, end, { found, partitions: [partition] });
const write = (within: string, start: number, end: number, partition: string) =>
  call("PutItem", within, start, end, { partitions: [partition] });
/** Returns a call that starts a function. The function's name also identifies the invocation. */
const invoke = (within: string, starts: string, start: number, began: number, end: number, operation = "Invoke") =>
  call(operation, within, start, end, { service: "lambda", target: starts, starts, began });

/** The calls of a lone task. */
const LONE = [
  invoke("client", "scheduler", 10, 20, 45),
  read("scheduler", 21, 25, "roster", true),
  write("scheduler", 26, 32, "job"),
  write("scheduler", 33, 40, "engine"),
  { ...invoke("scheduler", "engine", 41, 60, 44, "Event"), waitedMs: 3, deliveryMs: 19 },
  { ...invoke("engine", "report", 65, 75, 110), waitedMs: 8 },
  write("report", 76, 84, "outcomes"),
  write("report", 85, 109, "engine"),
  read("client", 50, 54, "outcomes", false),
  read("client", 70, 74, "outcomes", false),
  { ...read("client", 90, 94, "outcomes", true), waitedMs: 3 },
];

const CASES: [string, RecordedCall[], Span, string[]][] = [
  ["no calls", [], { from: 0, to: 100 }, []],
  ["a call before the span", [read("client", 1, 5, "a", true)], { from: 10, to: 100 }, []],
  [
    "a client's calls one after another",
    [call("GetItem", "client", 1, 5), call("PutItem", "client", 6, 9)],
    { from: 0, to: 10 },
    ["GetItem 1–5", "PutItem 6–9"],
  ],
  [
    "calls side by side: the one that ends last counts",
    [call("GetItem", "client", 1, 5), call("Query", "client", 1, 8), call("PutItem", "client", 9, 12)],
    { from: 0, to: 13 },
    ["Query 1–8", "PutItem 9–12"],
  ],
  [
    "reads that found nothing are left out",
    [call("GetItem", "client", 1, 5), read("client", 6, 9, "a", false)],
    { from: 0, to: 10 },
    ["GetItem 1–5"],
  ],
  [
    "an answer of a function: its calls, then the way to it",
    [
      invoke("client", "scheduler", 1, 11, 30),
      call("GetItem", "scheduler", 12, 20),
      call("PutItem", "scheduler", 21, 29),
    ],
    { from: 0, to: 31 },
    ["Invoke 1–11", "GetItem 12–20", "PutItem 21–29"],
  ],
  [
    "a function that calls nothing is one call",
    [invoke("client", "scheduler", 1, 11, 30)],
    { from: 0, to: 31 },
    ["Invoke 1–11"],
  ],
  [
    "a function that has not begun is not waited for",
    [call("Event", "client", 1, 5, { service: "lambda", target: "engine" })],
    { from: 0, to: 31 },
    ["Event 1–5"],
  ],
  [
    "calls of other callers do not count, whenever they end",
    [...LONE, call("Scan", "other", 50, 89)].filter(({ operation }) => operation !== "Query"),
    { from: 0, to: 46 },
    ["Invoke 10–20", "PutItem 26–32", "PutItem 33–40", "Event 41–44"],
  ],
  [
    "a lone task, through the write of what the client found",
    LONE,
    { from: 0, to: 100 },
    [
      "Invoke 10–20",
      "Query 21–25",
      "PutItem 26–32",
      "PutItem 33–40",
      "Event 41–60",
      "Invoke 65–75",
      "PutItem 76–84",
      "Query 90–94",
    ],
  ],
  [
    "a read during which the write happens",
    [write("report", 1, 9, "outcomes"), read("client", 5, 12, "outcomes", true)],
    { from: 0, to: 13 },
    ["PutItem 1–9", "Query 5–12"],
  ],
  [
    "a write before the client's last answer, for which it did not wait",
    [write("report", 1, 3, "outcomes"), call("GetItem", "client", 2, 6), read("client", 7, 9, "outcomes", true)],
    { from: 0, to: 10 },
    ["GetItem 2–6", "Query 7–9"],
  ],
  [
    "a write to another partition, which does not count",
    [write("report", 1, 3, "engine"), read("client", 5, 9, "outcomes", true)],
    { from: 0, to: 10 },
    ["Query 5–9"],
  ],
];

describe("the critical path", () => {
  it.each(CASES)("the critical path: %s", (_, calls, span, expected) => {
    const steps = criticalPath(calls, span);
    expect(steps.map(({ call: { operation }, from, to }) => `${operation} ${from}–${to}`)).toEqual(expected);
  });

  it("the critical path does not depend on the order of the records", () => {
    const span = { from: 0, to: 100 };
    expect(criticalPath([...LONE].reverse(), span)).toEqual(criticalPath(LONE, span));
  });
});

describe("the figures of calls", () => {
  it("the figures of calls are medians per result", () => {
    const later = LONE.map((one) => ({
      ...one,
      start: one.start + 200,
      end: (one.end ?? 0) + 200,
      ...(one.began !== undefined && { began: one.began + 200 }),
    }));
    const { figures, trace } = callFigures(
      [...LONE, ...later],
      [
        { from: 0, to: 100 },
        { from: 200, to: 300 },
      ],
    );
    expect(Object.fromEntries(figures.map(({ metric, value }) => [metric, value]))).toEqual({
      calls: 11,
      calls_in_sequence: 8,
      sequence_in_calls: 68,
      sequence_modeled: 30,
      sequence_in_all: 100,
    });
    expect(trace[0]).toBe("2 of 2 results took this path; medians in ms");
    expect(trace).toHaveLength(11);
    expect(trace.at(-2)).toMatch(/6\.0 +4\.0 +3 +client → Query outcomes$/);
  });
});
