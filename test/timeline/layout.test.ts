import { describe, expect, it } from "vitest";
import { firstFrom, lanesOf, runNear } from "../../client/timeline/find-run.ts";
import { axisTimes, shownTime } from "../../client/timeline/shown-time.ts";
import { taskCounts } from "../../client/timeline/task-counts.ts";
import { timelineData } from "../../client/timeline/timeline-data.ts";
import { timelineRows } from "../../client/timeline/timeline-layout.ts";
import { moved, showing, wholeWindow, zoomed } from "../../client/timeline/view-window.ts";
import { aRefusal, aRun } from "./a-timeline.ts";

describe("the rows of a timeline", () => {
  it("there is a row per engine in the order of ids, and the tasks that no engine ran come last", () => {
    const none = aRun(3, 5, 5, { kind: "end", engine: undefined, pool: undefined, status: "aborted" });
    const runs = [
      none,
      aRun(0, 1, 2, { engine: 10 }),
      aRun(1, 1, 2, { engine: 9 }),
      aRun(2, 0, 1, { pool: undefined }),
    ];
    expect(timelineRows(runs).map(({ name }) => name)).toEqual(["engine 0", "default 9", "default 10", "no engine"]);
  });

  it.each<[string, [number, number][], number[]]>([
    [
      "runs in turn share a lane",
      [
        [0, 1],
        [1, 2],
        [5, 6],
      ],
      [0, 0, 0],
    ],
    [
      "a run while another is parked has a lane of its own",
      [
        [0, 10],
        [2, 4],
        [5, 6],
      ],
      [0, 1, 1],
    ],
    [
      "runs that overlap by a rounding error share a lane",
      [
        [0, 1],
        [0.99, 2],
      ],
      [0, 0],
    ],
    [
      "three at a time need three lanes",
      [
        [0, 9],
        [1, 8],
        [2, 7],
      ],
      [0, 1, 2],
    ],
  ])("%s", (_, times, lanes) => {
    const [row] = timelineRows(times.map(([from, to], task) => aRun(task, from, to)));
    const laneOf = new Map(row?.runs.map(({ run, lane }) => [run.task, lane]));
    expect(times.map((_, task) => laneOf.get(task))).toEqual(lanes);
    expect(row?.lanes).toBe(Math.max(...lanes) + 1);
  });

  it("a refusal is a mark in the first lane, and takes no room", () => {
    const [row] = timelineRows([aRun(0, 0, 10), aRefusal(1, 5), aRun(2, 10, 11)]);
    expect(row?.runs.map(({ run, lane }) => [run.task, lane])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
  });
});

describe("finding runs", () => {
  const data = timelineData({ runs: [aRun(0, 10, 20), aRun(1, 30, 40), aRefusal(2, 35)], pending: 0 });
  const [lane = { row: 0, lane: 0, from: 0, to: 0 }] = lanesOf(data);

  it.each<[string, number, number, number | undefined]>([
    ["the run at a time", 15, 0, 0],
    ["the start and the end of a run belong to it", 20, 0, 0],
    ["nothing between runs", 25, 1, undefined],
    ["the nearest within reach", 28, 3, 1],
    ["a mark on top of a run", 35, 0, 2],
    ["the run around a mark", 37, 0, 1],
  ])("%s is found", (_, ms, reach, run) => {
    expect(runNear(data.columns, lane, ms * 100, reach * 100)).toBe(run);
  });

  it("the first run from a time on is found by bisection", () => {
    expect([0, 10, 11, 30, 36].map((ms) => firstFrom(data.columns, lane, ms * 100))).toEqual([0, 0, 1, 1, 3]);
  });
});

describe("the visible time", () => {
  it("zooming keeps the time under the pointer in its place, and stays within the timeline", () => {
    const whole = wholeWindow(1000);
    const near = zoomed(whole, 2, 505, 1000);
    expect(near).toEqual({ from: 252.5, to: 757.5 });
    expect(zoomed(near, 0.1, 300, 1000)).toEqual(whole);
    expect(zoomed(whole, 1e9, 0, 1000)).toEqual({ from: 0, to: 5 });
  });

  it("moving stops at the ends", () => {
    const near = { from: 100, to: 300 };
    expect(moved(near, -500, 1000)).toEqual({ from: 0, to: 200 });
    expect(moved(near, 5000, 1000)).toEqual({ from: 810, to: 1010 });
  });

  it("a run outside is moved to the middle, and one that is seen moves nothing", () => {
    expect(showing({ from: 0, to: 100 }, 20, 30, 1000)).toEqual({ from: 0, to: 100 });
    expect(showing({ from: 0, to: 100 }, 500, 520, 1000)).toEqual({ from: 460, to: 560 });
    expect(showing({ from: 0, to: 100 }, 500, 900, 1000)).toEqual({ from: 500, to: 600 });
  });
});

describe("times", () => {
  it.each([
    [0, "0 ms"],
    [123, "1.23 ms"],
    [99_949, "999 ms"],
    [99_950, "1 s"],
    [1_234_000, "12.3 s"],
    [42_800_000, "7 min 8 s"],
    [400_000_000, "1 h 6 min"],
  ])("%d hundredths of a millisecond are shown as %s", (time, text) => {
    expect(shownTime(time)).toBe(text);
  });

  it.each<[number, number, string[]]>([
    [0, 100_000, ["0.0 s", "0.5 s", "1.0 s"]],
    [0, 1000, ["0 ms", "5 ms", "10 ms"]],
    [4_580_000, 4_590_000, ["45.80 s", "45.85 s", "45.90 s"]],
    [0, 60_000_000, ["0:00:00", "0:05:00", "0:10:00"]],
  ])("the axis from %d to %d has round times whose labels differ", (from, to, labels) => {
    expect(axisTimes(from, to, 2).map(({ label }) => label)).toEqual(labels);
  });
});

describe("waiting and running tasks", () => {
  const runs = [aRun(0, 10, 20), aRun(1, 15, 30, { queued: 5 }), aRefusal(2, 12)];

  it("tasks are counted as waiting until their start, and as running until their end", () => {
    const counts = taskCounts(timelineData({ runs, pending: 0 }), 100);
    expect(counts.map(({ at, waiting, running }) => [at / 100, waiting, running])).toEqual([
      [0, 2, 0],
      [5, 3, 0],
      [10, 2, 1],
      [12, 1, 1],
      [15, 0, 2],
      [20, 0, 1],
      [30, 0, 0],
    ]);
  });

  it("a shorter list keeps the largest counts and the end", () => {
    const many = Array.from({ length: 1000 }, (_, task) => aRun(task, task, task + 1, { engine: task % 4 }));
    const counts = taskCounts(timelineData({ runs: many, pending: 0 }), 50);
    expect(counts.length).toBeLessThanOrEqual(51);
    // The first task starts when it is submitted, and never waits.
    expect(counts[0]?.waiting).toBe(999);
    expect(counts.at(-1)).toMatchObject({ waiting: 0, running: 0 });
  });
});
