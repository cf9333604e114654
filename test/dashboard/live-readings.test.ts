import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import type { TimelineData } from "../../client/timeline/timeline-data.ts";
import { noUsage, packUsage } from "../../lambdas/protocol/usage.ts";
import { settle } from "../client/virtual-clock.ts";
import { TestDashboard } from "./a-dashboard.ts";

const HOUR_MS = 3_600_000;
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const double = (x: number) => 2 * x;

async function submitted({ client }: TestDashboard, tasks: number): Promise<string> {
  const result = client.view.withFlags({ label: "nightly" }).map(double, [...Array(tasks).keys()]);
  result.catch(() => {});
  await client.clock.until(result.info());
  return client.cloud.lastJob;
}

test("nothing of a cluster is read while no page is open", async () => {
  await using dashboard = await TestDashboard.open();
  await dashboard.send("GET", "/");
  await dashboard.client.clock.advance(HOUR_MS);
  expect(dashboard.reads).toBe(0);
  const page = await dashboard.look();
  await dashboard.until(page.overview());
  await dashboard.until(page.overview());
  expect(dashboard.reads).toBeGreaterThan(4);
  page.close();
  // The server learns of it from the socket.
  for (let before = -1; before !== dashboard.reads; await settle()) {
    before = dashboard.reads;
    await dashboard.client.clock.advance(10_000);
  }
  const { reads } = dashboard;
  await dashboard.client.clock.advance(HOUR_MS);
  expect(dashboard.reads).toBe(reads);
});

test("a page gets everything at first, and then what has changed", async () => {
  await using dashboard = await TestDashboard.open();
  const job = await submitted(dashboard, 4);
  const { cloud } = dashboard.client;
  dashboard.queue = {
    unassigned: [{ job, ranges: [[1, 4]] }],
    waiting: [],
    engines: [{ id: 0, tasks: [{ job, ranges: [[0, 1]] }], completed: 0 }],
  };
  const page = await dashboard.look(job);
  const first = await dashboard.until(page.overview());
  expect(first.cluster).toBe("profile test");
  expect(first.samples).toMatchObject([{ queued: 3, waiting: 0, running: 1, perSecond: null }]);
  expect(first.jobs.set).toMatchObject([
    { id: job, label: "nightly", state: "running", tasks: 4, done: 0, running: 1, waiting: 3 },
  ]);
  const all = await dashboard.until(page.job());
  expect(all).toMatchObject({ ended: [], held: [{ engine: 0, ranges: [[0, 1]] }], job: { id: job } });
  cloud.end(job, 0, 2, (index) => {
    if (index === 1) throw new RangeError("too odd");
    return index;
  });
  const { ended, failures } = await dashboard.until(page.job());
  expect(ended).toEqual([
    [0, "ok", 0, expect.any(Number), 4, 1],
    [1, "error", 0, expect.any(Number), 4, 1],
  ]);
  expect(failures.set).toMatchObject([{ name: "RangeError", message: "too odd", count: 1, tasks: [1] }]);
  expect(failures.set[0]?.args).toEqual({ 1: "1" });
  expect(failures.set[0]?.stack).toContain("live-readings.test.ts");
  dashboard.queue = { unassigned: [], waiting: [], engines: [{ id: 0, tasks: [], completed: 4 }] };
  cloud.end(job, 2, 4);
  const last = await dashboard.until(page.job());
  expect(last).toMatchObject({
    job: { state: "failed", done: 3, failed: 1 },
    held: [],
    failures: { set: [], gone: [] },
  });
  expect(last.ended.map(([index]) => index)).toEqual([2, 3]);
  expect(last.job.completed).toBeGreaterThan(0);
});

test("a job that ended before anybody looked is shown with its tasks and failures", async () => {
  await using dashboard = await TestDashboard.open();
  const job = await submitted(dashboard, 3);
  dashboard.client.cloud.end(job, 0, 3, (index) => {
    if (index === 2) throw new RangeError("too even");
  });
  const first = await dashboard.look();
  await dashboard.until(first.overview());
  await dashboard.until(first.overview());
  // The dashboard no longer needs the job's outcomes, and forgets them.
  collectGarbage();
  await settle();
  const page = await dashboard.look(job);
  const { ended, failures } = await dashboard.until(page.job());
  expect(ended.map(([index, status]) => [index, status])).toEqual([
    [0, "ok"],
    [1, "ok"],
    [2, "error"],
  ]);
  expect(failures.set).toMatchObject([{ message: "too even", tasks: [2] }]);
});

test("a job that has ended costs no further reads of its rows", async () => {
  await using dashboard = await TestDashboard.open();
  const job = await submitted(dashboard, 2);
  dashboard.client.cloud.end(job, 0, 2);
  const page = await dashboard.look();
  await dashboard.until(page.overview());
  const { queries, rowReads } = dashboard.client.cloud;
  const before = [queries.length, rowReads];
  for (let round = 0; round < 3; round++) await dashboard.until(page.overview());
  expect([queries.length, dashboard.client.cloud.rowReads]).toEqual(before);
});

test("a job shows what it has cost so far, without a read for each task", async () => {
  await using dashboard = await TestDashboard.open();
  const job = await submitted(dashboard, 4);
  const { cloud } = dashboard.client;
  const page = await dashboard.look();
  const before = await dashboard.until(page.overview());
  expect(before.jobs.set).toMatchObject([{ id: job, usd: 0 }]);
  const reads = dashboard.client.cloud.rowReads;
  const used = packUsage({ ...noUsage(), invocations: 1_000_000 });
  cloud.write(job, [cloud.entry(0, () => 0), cloud.entry(1, () => 1)], { used }, "L1");
  const half = await dashboard.until(page.overview());
  expect(half.jobs.set[0]?.usd).toBeCloseTo(0.2);
  cloud.write(job, [cloud.entry(2, () => 2), cloud.entry(3, () => 3)], { used }, "L2");
  const whole = await dashboard.until(page.overview());
  expect(whole.jobs.set[0]?.usd).toBeCloseTo(0.4);
  expect(cloud.rowReads).toBe(reads);
});

test("failures show the arguments of the first tasks of each error, read by row", async () => {
  await using dashboard = await TestDashboard.open();
  const job = await submitted(dashboard, 250);
  const { cloud } = dashboard.client;
  cloud.end(job, 0, 250, (index) => {
    throw new RangeError(`task ${index} has no result`);
  });
  const page = await dashboard.look(job);
  const { failures } = await dashboard.until(page.job());
  expect(failures.set).toMatchObject([{ count: 250, args: { 0: "0", 1: "1", 2: "2" } }]);
  // One listing for the function's name, one for the arguments.
  expect(cloud.listings.filter((pk) => pk.startsWith(`job#${job}#`))).toHaveLength(2);
  const task = await dashboard.until(dashboard.send("GET", `/task?id=${job}.120`));
  expect(JSON.parse(task.body)).toMatchObject({ args: "120" });
});

test("a cluster that cannot be read is said to be so, and read again", async () => {
  await using dashboard = await TestDashboard.open();
  const { cloud } = dashboard.client;
  const { answer } = cloud;
  cloud.answer = () => new Error("no answer");
  const page = await dashboard.look();
  expect(await dashboard.until(page.trouble())).toBe("no answer");
  cloud.answer = answer;
  expect((await dashboard.until(page.overview())).jobs.set).toEqual([]);
});

test("a job that does not exist is said to be unknown", async () => {
  await using dashboard = await TestDashboard.open();
  const page = await dashboard.look("01HZZZZZZZZZZZZZZZZZZZZZZZ");
  expect(await dashboard.until(page.trouble())).toContain("unknown");
});

test("failed tasks are resubmitted from the page, and a job is aborted", async () => {
  await using dashboard = await TestDashboard.open();
  const job = await submitted(dashboard, 3);
  const { cloud } = dashboard.client;
  const none = dashboard.send("POST", "/resubmit", {}, JSON.stringify({ id: job, failed: true }));
  expect((await dashboard.until(none)).body).toBe('{"error":"no task has failed, so none was resubmitted"}');
  cloud.end(job, 0, 1, () => {
    throw new Error("no");
  });
  const again = dashboard.send("POST", "/resubmit", {}, JSON.stringify({ id: job, failed: true }));
  const answer: { job: string } = JSON.parse((await dashboard.until(again)).body);
  expect(answer.job).toBe(cloud.lastJob);
  expect(answer.job).not.toBe(job);
  expect(cloud.headers.get(answer.job)?.tasks).toBe(1);
  const abort = dashboard.send("POST", "/abort", {}, JSON.stringify({ id: job }));
  expect((await dashboard.until(abort)).body).toBe('{"message":"aborted: 0, still stopping: 2, had already ended: 1"}');
  expect(cloud.sent("abort")).toHaveLength(1);
});

test("the timeline of a job has its attempts so far", async () => {
  await using dashboard = await TestDashboard.open();
  const job = await submitted(dashboard, 3);
  dashboard.client.cloud.end(job, 0, 2);
  const answer = await dashboard.until(dashboard.send("GET", `/timeline?job=${job}`));
  const data: TimelineData = JSON.parse(answer.body);
  expect([data.columns.task, data.pending, data.names]).toEqual([[0, 1], 1, ["nightly"]]);
  expect((await dashboard.until(dashboard.send("GET", "/timeline?job=nothing"))).status).toBe(400);
});

test("a task's details contain its error, its output and its place in the source", async () => {
  await using dashboard = await TestDashboard.open();
  const job = await submitted(dashboard, 2);
  const { cloud } = dashboard.client;
  const entry = cloud.entry(0, () => {
    throw new RangeError("<b>too odd</b>");
  });
  cloud.write(job, [{ ...entry, stdout: "one\n", stderr: "two\n" }]);
  const task = await dashboard.until(dashboard.send("GET", `/task?id=${job}.0`));
  expect(JSON.parse(task.body)).toMatchObject({
    status: "error",
    attempts: [
      { engine: 0, stdout: "one\n", stderr: "two\n", error: expect.stringContaining("RangeError: <b>too odd</b>") },
    ],
  });
  const unknown = await dashboard.until(dashboard.send("GET", "/task?id=nothing"));
  expect(unknown.status).toBe(400);
});
