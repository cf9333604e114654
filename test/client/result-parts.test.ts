import { describe, expect, it } from "vitest";
import { AsyncResult } from "../../client/results/async-result.ts";
import { getResult } from "../../client/results/get-result.ts";
import { encodeValue } from "../../lambdas/protocol/codec.ts";
import { CompositeError } from "../../lambdas/protocol/composite-error.ts";
import type { Entry } from "../../lambdas/protocol/outcome-page.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;
const triple = ([x]: unknown[]) => 3 * Number(x);

/** Creates an entry that started and completed this many milliseconds after the clock's start. */
function ran(index: number, started: number, completed: number, more: Partial<Entry> = {}): Entry {
  const at = 1_700_000_000_000;
  const value = encodeValue(index, "result") as string;
  const entry = { index, attempt: 1, status: "ok", final: true, value } as const;
  return { ...entry, started: at + started, completed: at + completed, ...more };
}

describe("split and join", () => {
  it("split takes a map apart and join puts it together, on a load-balanced view", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = triple;
    const result = view.map(same, [1, 2, 3]);
    const parts = await result.split();
    expect(parts.map(({ jobId }) => jobId)).toEqual(result.taskIds);
    expect(await clock.until(Promise.all(parts))).toEqual([3, 6, 9]);
    const joined = AsyncResult.join(...parts);
    expect(joined.taskIds).toEqual(result.taskIds);
    expect(await clock.until(joined)).toEqual([3, 6, 9]);
  });

  it("split gives each chunk of a chunked map as a list", async () => {
    const { view, cloud, clock } = aClient({ chunkSize: 2 });
    cloud.behaviour = triple;
    const parts = await view.map(same, [1, 2, 3, 4, 5]).split();
    expect(await clock.until(Promise.all(parts))).toEqual([[3, 6], [9, 12], [15]]);
    expect(await clock.until(AsyncResult.join(...parts))).toEqual([3, 6, 9, 12, 15]);
  });

  it("join accepts maps, applies and results known only by id", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = triple;
    const [map, apply, other] = [view.map(same, [1, 2]), view.apply(same, 5), view.map(same, [7])];
    await settle();
    const { core } = aClient({}, { cloud, clock });
    const joined = AsyncResult.join<unknown>(map, apply, getResult(core, other.jobId));
    expect(await clock.until(joined)).toEqual([3, 6, 15, 21]);
  });

  it("failed items keep their place in split and joined results", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => {
      if (x === 2) throw new RangeError("two");
      return x;
    };
    const joined = AsyncResult.join(view.map(same, [1, 2]), view.map(same, [3]));
    const error = await clock.until(joined.catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(CompositeError);
    expect(error).toMatchObject({ indexes: [1] });
  });

  it("joining no results is refused", () => {
    expect(() => AsyncResult.join()).toThrow(TypeError);
  });
});

describe("byEngine", () => {
  it("byEngine returns a list for each engine, because an engine may run several tasks", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1, 2, 3]);
    await settle();
    cloud.write(result.jobId, [ran(0, 0, 1), ran(1, 1, 2)], { engine: 4 }, "L1");
    cloud.write(result.jobId, [ran(2, 0, 1)], { engine: 0 }, "L2");
    cloud.write(result.jobId, [ran(3, 2, 3)], { engine: 4 }, "L3");
    expect(await clock.until(result.byEngine())).toEqual({ 4: [0, 1, 3], 0: [2] });
  });

  it("byEngine rejects like get, and with returnExceptions omits tasks that no engine ran", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1]);
    await settle();
    cloud.write(result.jobId, [ran(0, 0, 1)], { engine: 1 });
    const aborted = { status: "aborted", value: undefined, started: undefined, completed: undefined } as const;
    cloud.write(result.jobId, [ran(1, 0, 0, aborted)], { engine: undefined, pool: undefined }, "a");
    await expect(clock.until(result.byEngine())).rejects.toThrow(CompositeError);
    expect(await clock.until(result.byEngine({ returnExceptions: true }))).toEqual({ 1: [0] });
  });
});

describe("times", () => {
  it("timedelta measures between any two times, of the first or the last task", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1]);
    await settle();
    await clock.advance(100);
    cloud.write(result.jobId, [ran(0, 10, 40), ran(1, 40, 90)]);
    expect(await clock.until(result.timedelta())).toBe(100);
    expect(await result.timedelta("submitted", "started", { endPick: "min" })).toBeCloseTo(10, 1);
    expect(await result.timedelta("submitted", "started")).toBeCloseTo(40, 1);
    expect(await result.timedelta("started", "completed", { startPick: "max", endPick: "max" })).toBeCloseTo(50, 1);
  });

  it("timedelta is NaN if no task has one of the times", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0]);
    await settle();
    cloud.write(result.jobId, [{ index: 0, attempt: 1, status: "impossible", final: true }], { engine: undefined });
    expect(await clock.until(result.timedelta("started", "completed"))).toBeNaN();
  });

  it("the timeline has one bar per attempt, failed ones included", async () => {
    const { view, cloud, clock } = aClient({ retries: 1 });
    const result = view.map(same, [0, 1]);
    await settle();
    await clock.advance(100);
    cloud.write(result.jobId, [ran(0, 20, 30, { status: "error", final: false }), ran(1, 30, 35)], { engine: 0 });
    cloud.write(result.jobId, [ran(0, 40, 60, { attempt: 2 })], { engine: 1 }, "L2");
    await clock.until(result);
    const bars = await result.timeline();
    expect(bars.map(({ taskId, attempt, engineId, status }) => [taskId, attempt, engineId, status])).toEqual([
      [result.taskIds[0], 1, 0, "error"],
      [result.taskIds[1], 1, 0, "ok"],
      [result.taskIds[0], 2, 1, "ok"],
    ]);
    expect(bars.map(({ start, end }) => end.getTime() - start.getTime())).toEqual([10, 5, 20]);
  });

  it("the cost of a task in its metadata is the price of its pool's memory, all attempts included", async () => {
    const { view, cloud, clock } = aClient({ retries: 1 });
    const result = view.map(same, [0]);
    await settle();
    await clock.advance(5000);
    cloud.write(result.jobId, [ran(0, 0, 1000, { status: "error", final: false })], { pool: "large" });
    cloud.write(result.jobId, [ran(0, 1000, 3000, { attempt: 2 })], { pool: "large" }, "L2");
    await clock.until(result);
    expect((await result.metadata())[0]?.cost).toBeCloseTo(3 * 4 * 0.0000133334, 9);
  });

  it("cost adds up what pages and the job's row say was used, and a part of a job has its share", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1, 2, 3]);
    await settle();
    const header = cloud.headers.get(result.jobId);
    if (!header) throw new Error("the job was not sent");
    const pk = `job#${result.jobId}`;
    cloud.rows.set(`${pk}/job`, { pk, sk: "job", body: JSON.stringify({ ...header, used: [4] }) });
    const used = { writeUnits: 3 };
    const pages = { first: [0, 0, 0, used.writeUnits], second: [2, 750] };
    cloud.write(result.jobId, [ran(0, 0, 9), ran(1, 9, 19), ran(2, 19, 29)], { used: pages.first });
    cloud.write(result.jobId, [ran(3, 0, 9)], { used: pages.second }, "L2");
    await clock.until(result);
    const { requests, compute, tables, usd } = await result.cost();
    expect(requests * 1e6).toBeCloseTo(0.2 * (4 + 2), 6);
    expect(compute).toBeCloseTo(0.75 * 0.0000133334, 12);
    expect(tables * 1e6).toBeCloseTo(0.625 * 3, 6);
    expect(usd).toBeCloseTo(requests + compute + tables, 15);
    const [first, , , last] = await result.split();
    expect(((await first?.cost())?.tables ?? 0) * 1e6).toBeCloseTo(0.625, 6);
    expect(((await last?.cost())?.requests ?? 0) * 1e6).toBeCloseTo(0.2 * (1 + 2), 6);
    if (!first || !last) throw new Error("the map was not split");
    const both = await AsyncResult.join(last, first, result).cost();
    expect(both.tables * 1e6).toBeCloseTo(0.625 * (1 + 3), 6);
    expect(both.requests * 1e6).toBeCloseTo(0.2 * (1 + 2 + 1 + 4 + 2), 6);
  });
});

describe("metadata", () => {
  it("metadata lists what a task waited for and followed, reads wait groups once, and resubmissions each time", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = triple;
    const [parent, child] = [view.map(same, [0, 1]), view.withFlags({ label: "c" }).map(same, [5, 6, 7])];
    await settle();
    const header = cloud.headers.get(child.jobId);
    const pk = `job#${child.jobId}`;
    const on = (from: number, to: number, job = parent.jobId) => [{ on: [[job, from, to]], ...all }];
    const all = { all: true, success: true, failure: false };
    const groups = [
      { from: 1, to: 2, after: on(0, 2), follow: on(1, 2)[0] },
      { from: 2, to: 3, after: on(0, 1, "") },
    ];
    cloud.rows.set(`${pk}/job`, {
      pk,
      sk: "job",
      state: "open",
      body: JSON.stringify({ ...header, free: 1 }),
      from: 3,
      to: 3,
    });
    cloud.rows.set(`${pk}/w#00000001`, { pk, sk: "w#00000001", body: JSON.stringify({ groups }) });
    const { core } = aClient({}, { cloud, clock });
    const result = getResult(core, child.jobId) as AsyncResult<unknown[]>;
    const tasks = await clock.until(result.metadata());
    await result.metadata();
    const ids = (job: string, ...at: number[]) => at.map((index) => `${job}.${index}`);
    expect(tasks.map(({ after, follow }) => [after, follow])).toEqual([
      [[], []],
      [ids(parent.jobId, 0, 1), ids(parent.jobId, 1)],
      [ids(child.jobId, 0), []],
    ]);
    expect(cloud.listings).toEqual([pk, pk, pk]);
  });

  it("refusals are not counted as attempts", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.apply(same, 1);
    await settle();
    const { index = 0, job = "" } = { index: Number(result.jobId.split(".")[1]), job: result.jobId.split(".")[0] };
    const refused = { status: "unmet", final: false, value: undefined } as const;
    cloud.write(job, [ran(index, 0, 1, refused)], { engine: 1, received: clock.now() }, "L1");
    cloud.write(job, [ran(index, 1, 2, refused)], { engine: 0, received: clock.now() + 1 }, "L2");
    cloud.write(job, [ran(index, 2, 3)], { engine: 2 }, "L3");
    await clock.until(result);
    expect(await result.metadata()).toMatchObject({ refusedBy: [1, 0], after: [], follow: [], engineId: 2 });
    expect((await result.metadata()).attempts).toHaveLength(1);
  });

  it("metadata links a resubmitted task and its original, both ways, and reads nothing while none has ended", async () => {
    const { view, core, cloud, clock } = aClient();
    const map = view.map(same, [0, 1, 2]);
    await settle();
    await clock.until(map.metadata());
    expect(cloud.listings).toEqual([]);
    cloud.end(map.jobId, 0, 3);
    await clock.until(map);
    const again = view.map(same, [2, 0]);
    await settle();
    const pk = `job#${map.jobId}`;
    const ranges = [
      [0, 1],
      [2, 3],
    ];
    cloud.rows.set(`${pk}/n#${again.jobId}`, { pk, sk: `n#${again.jobId}`, body: JSON.stringify({ ranges }) });
    const header = { ...cloud.headers.get(again.jobId), resubmitOf: { job: map.jobId, ranges } };
    cloud.rows.set(`job#${again.jobId}/job`, {
      pk: `job#${again.jobId}`,
      sk: "job",
      state: "open",
      body: JSON.stringify(header),
    });
    const there = aClient({}, { cloud, clock });
    expect((await map.metadata()).map(({ resubmitted }) => resubmitted)).toEqual([
      again.taskIds[0],
      undefined,
      again.taskIds[1],
    ]);
    const copies = await clock.until((getResult(there.core, again.jobId) as AsyncResult<unknown[]>).metadata());
    expect(copies.map(({ resubmitOf }) => resubmitOf)).toEqual([map.taskIds[0], map.taskIds[2]]);
    expect(core.history.ids()).toContain(again.taskIds[0]);
  });
});
