import { describe, expect, test } from "vitest";
import { linePoints, roundTop } from "../../client/dashboard/chart-scale.ts";
import { EventStream } from "../../client/dashboard/event-stream.ts";
import { FailureGroups } from "../../client/dashboard/failure-groups.ts";
import { graphLayout } from "../../client/dashboard/graph-layout.ts";
import { JobTasks } from "../../client/dashboard/job-tasks.ts";
import type { Sample } from "../../client/dashboard/live-data.ts";
import { PageState } from "../../client/dashboard/page/state.ts";
import { SentRows } from "../../client/dashboard/sent-rows.ts";
import { rateText, secondsText, visible } from "../../client/dashboard/shown-text.ts";

describe("deltas", () => {
  test("rows are sent when they are new or have changed, and ids when they are gone", () => {
    const rows = new SentRows<{ id: string; load: number }>();
    expect(
      rows.delta([
        { id: "a", load: 1 },
        { id: "b", load: 1 },
      ]).set,
    ).toHaveLength(2);
    expect(
      rows.delta([
        { id: "a", load: 1 },
        { id: "b", load: 2 },
      ]),
    ).toEqual({ set: [{ id: "b", load: 2 }], gone: [] });
    expect(rows.delta([{ id: "b", load: 2 }])).toEqual({ set: [], gone: ["a"] });
    expect(
      rows.delta([
        { id: "a", load: 1 },
        { id: "b", load: 2 },
      ]).set,
    ).toEqual([{ id: "a", load: 1 }]);
  });

  test("events are read from pieces of any size", () => {
    const text = 'event: job\ndata: {"a":"é\\n"}\n\nevent: trouble\ndata: "x"\n\n';
    for (let size = 1; size <= text.length; size++) {
      const stream = new EventStream();
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.slice(at * size, (at + 1) * size),
      );
      expect(pieces.flatMap((piece) => stream.add(piece))).toEqual([
        { name: "job", data: '{"a":"é\\n"}' },
        { name: "trouble", data: '"x"' },
      ]);
    }
  });
});

test("a new connection keeps what a page shows until its first update, which replaces it", () => {
  const state = new PageState();
  const none = { set: [], gone: [] };
  const begin = { name: "begin", data: "" };
  const overview = (ids: string[]) => {
    const data = {
      cluster: "c",
      now: 0,
      engines: none,
      jobs: { set: ids.map((id) => ({ id })), gone: [] },
      samples: [],
    };
    return { name: "overview", data: JSON.stringify(data) };
  };
  state.take(begin);
  state.take(overview(["a", "b"]));
  state.take(begin);
  expect([...state.jobs.keys()]).toEqual(["a", "b"]);
  state.take(overview(["b", "c"]));
  expect([...state.jobs.keys()]).toEqual(["b", "c"]);
});

test("an hour of updates takes bounded memory in a page", () => {
  const state = new PageState();
  const none = { set: [], gone: [] };
  for (let second = 0; second < 3600; second++) {
    const samples = [{ at: second * 1000, queued: 1, waiting: 0, running: 1, perSecond: 1 }];
    const engine = { id: "0", pool: "default", load: 1, job: null, task: null, since: 0 };
    const engines = { set: [{ ...engine, state: "running" as const, completed: second }], gone: [] };
    const data = JSON.stringify({ cluster: "c", now: second * 1000, engines, jobs: none, samples });
    state.take({ name: "overview", data });
  }
  expect([state.samples.length, state.engines.size, state.samples.at(-1)?.at]).toEqual([600, 1, 3_599_000]);
  expect(state.engines.get("0")?.completed).toBe(3599);
});

describe("failures", () => {
  const error = (evalue: string, place: string) => ({
    ...({ code: "RemoteError", ename: "RangeError" } as const),
    evalue,
    traceback: `RangeError: ${evalue}\n    at f (${place})`,
  });

  test("are grouped by class, message without numbers, and place", () => {
    const groups = new FailureGroups();
    groups.add(1, "error", error("item 1", "a.ts:1:1"));
    groups.add(2, "error", error("item 22", "a.ts:1:1"));
    groups.add(3, "error", error("item 3", "a.ts:9:1"));
    groups.add(4, "timeout", undefined);
    expect([...groups.rows].map(({ name, message, count, tasks }) => [name, message, count, tasks])).toEqual([
      ["RangeError", "item 1", 2, [1, 2]],
      ["RangeError", "item 3", 1, [3]],
      ["timeout", "the task ended as timeout", 1, [4]],
    ]);
  });

  test("take bounded memory, whatever tasks throw", () => {
    const groups = new FailureGroups();
    for (let task = 0; task < 2000; task++)
      groups.add(task, "error", error(`${"x".repeat(task % 300)}${"y".repeat(5000)}`, `${task}.ts`));
    const rows = [...groups.rows];
    expect(rows.length).toBe(50);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(2000);
    expect(JSON.stringify(rows).length).toBeLessThan(500_000);
  });
});

test("a task's state follows from what has ended, what engines hold and what waits", () => {
  const tasks = new JobTasks();
  tasks.add({
    job: { tasks: 5 },
    ended: [
      [0, "ok", 1, 10, 5, 1],
      [1, "lost", 1, null, null, 2],
    ],
    held: [{ engine: 3, since: 20, ranges: [[1, 3]] }],
    waiting: [[4, 5]],
  });
  expect([0, 1, 2, 3, 4].map((index) => tasks.at(index).state)).toEqual(["ok", "lost", "running", "queued", "waiting"]);
  expect(tasks.at(2)).toMatchObject({ engine: 3, started: 20, ran: null });
  const found = (["all", "failed", "running", "queued", "waiting", "ok"] as const).map((one) => tasks.filtered(one));
  expect(found).toEqual([[0, 1, 2, 3, 4], [1], [2], [3], [4], [0]]);
  tasks.add({ job: { tasks: 5 }, ended: [[2, "ok", 3, 20, 1, 1]], held: [], waiting: [] });
  expect(tasks.at(2).state).toBe("ok");
  expect(tasks.at(4).state).toBe("queued");
});

describe("the layout of a graph", () => {
  test("has each task to the right of those that it waits for", () => {
    // 0 → 1 → 3, 0 → 2 → 3, and 0 → 3: 3 is behind both.
    const { x, y, levels } = graphLayout(5, [0, 1, 0, 2, 1, 3, 2, 3, 0, 3]);
    expect(levels).toBe(3);
    expect([x[0] === x[4], (x[1] ?? 0) > (x[0] ?? 0), x[1] === x[2], (x[3] ?? 0) > (x[2] ?? 0)]).not.toContain(false);
    expect(new Set(x.map((one, task) => `${one} ${y[task]}`)).size).toBe(5);
  });

  test("places children near their parents, which saves crossings", () => {
    const { y } = graphLayout(6, [0, 5, 1, 4, 2, 3]);
    expect([5, 4, 3].map((child) => y[child])).toEqual([0, 1, 2].map((parent) => y[parent]));
  });

  test("breaks wide levels into columns, places no two tasks together, and is empty without tasks", () => {
    const wide = graphLayout(1001, Array.from({ length: 1000 }, (_, task) => [task, 1000]).flat());
    expect(wide.height).toBeLessThan(700);
    expect(new Set(wide.x.map((one, task) => `${one} ${wide.y[task]}`)).size).toBe(1001);
    expect(Math.max(...wide.x)).toBe(wide.x[1000]);
    expect(graphLayout(0, [])).toMatchObject({ x: [], y: [], levels: 0 });
  });

  test("3,000 tasks in a chain have 3,000 levels", () => {
    const { levels, height } = graphLayout(3000, Array.from({ length: 2999 }, (_, task) => [task, task + 1]).flat());
    expect([levels, height]).toEqual([3000, 48]);
  });
});

test("text of tasks keeps its lines, and shows what would command or reorder it", () => {
  expect(visible("a\r\nb\tc")).toBe("a\nb\tc");
  expect(visible("\u001b[31m\u0000\u202e\u200b\u2028\ud800x\u0085")).toBe(
    "\ufffd[31m\ufffd\ufffd\ufffd\ufffd\ufffdx\ufffd",
  );
  expect(visible("<b>é 日本 😀</b>")).toBe("<b>é 日本 😀</b>");
});

test("rates and times are shown with few digits", () => {
  expect([0, 0.123, 9.87, 99.6, 1234].map(rateText)).toEqual(["0/s", "0.12/s", "9.9/s", "100/s", "1,234/s"]);
  expect([0, 400, 12_345, 600_000, null].map(secondsText)).toEqual(["0 s", "0 s", "12 s", "10 min 0 s", ""]);
});

test("a chart's line has the samples in its range, and a gap where nobody looked", () => {
  const sample = (at: number, queued: number): Sample => ({ at, queued, waiting: 0, running: 0, perSecond: null });
  const area = { width: 100, height: 50, from: 0, to: 100_000 };
  const points = linePoints(
    [sample(-1, 9), sample(0, 0), sample(10_000, 10), sample(50_000, 20)],
    ({ queued }) => queued,
    20,
    area,
  );
  expect(points).toEqual([[0, 50], [10, 25], null, [50, 0]]);
  expect(linePoints([sample(0, 1)], ({ perSecond }) => perSecond, 1, area)).toEqual([]);
  expect([[], [0.2], [3], [11], [100], [501]].map(roundTop)).toEqual([1, 1, 5, 20, 100, 1000]);
});
