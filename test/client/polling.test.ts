import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { JobOutcomes } from "../../client/outcomes/outcome-store.ts";
import { type Pace, pollInterval } from "../../client/outcomes/poll-interval.ts";
import { planPoll } from "../../client/outcomes/poll-plan.ts";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import { packOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import { outcomePageKey } from "../../lambdas/protocol/rows.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;

function aJob(tasks: number, ...ended: IndexRange[]): JobOutcomes {
  const job = "01HZZZZZZZZZZZZZZZZZZZZZZZ";
  const header: JobHeader = {
    id: job,
    tasks,
    items: tasks,
    shape: "map",
    chunked: false,
    flags: {},
    submitted: 0,
    client: "c",
    pageTasks: 100,
    specBytes: 10,
  };
  const outcomes = new JobOutcomes(job);
  outcomes.open(header);
  for (const [from, to] of ended) {
    const indexes = Array.from({ length: to - from }, (_, at) => from + at);
    const entries = indexes.map((index) => ({ index, attempt: 1, status: "ok", final: true, value: "J1" }) as const);
    const { sk } = outcomePageKey(job, from, "L");
    outcomes.add(Math.floor(from / 1000), { sk, body: packOutcomePage({ revoked: false, received: 1, entries }) });
  }
  return outcomes;
}

describe("a poll plan", () => {
  const all = (_from: number, _to: number) => true;
  const plan = (outcomes: JobOutcomes, cursor: number, wants = all, thorough = false) =>
    planPoll(outcomes, [[0, cursor]], wants, thorough).map(({ bucket, first, past }) => [bucket, first, past]);

  it("a poll plan reads incomplete buckets below the cursor", () => {
    expect(plan(aJob(5000, [1000, 2000]), 2500)).toEqual([
      [0, 0, 1000],
      [2, 2000, 2500],
    ]);
  });

  it("a poll plan reads nothing if nothing was claimed or everything has ended", () => {
    expect(plan(aJob(3000), 0)).toEqual([]);
    expect(plan(aJob(10, [0, 10]), 10)).toEqual([]);
  });

  it("a poll plan reads a single missing task with a short query", () => {
    expect(plan(aJob(1000, [0, 500], [501, 1000]), 1000)).toEqual([[0, 500, 501]]);
  });

  it("a poll plan reads many gaps with one query", () => {
    expect(plan(aJob(100, [10, 20], [30, 40], [50, 60]), 100)).toEqual([[0, 0, 100]]);
  });

  it("a poll plan reads the wanted bucket and the one before it, whose pages may cross the boundary", () => {
    const wants = (from: number, to: number) => from <= 2500 && 2500 < to;
    expect(plan(aJob(5000), 5000, wants)).toEqual([
      [1, 1000, 2000],
      [2, 2000, 3000],
    ]);
  });

  it("a thorough poll plan reads every page that could overlap a gap", () => {
    expect(plan(aJob(3000, [0, 1000], [1000, 1300]), 3000, all, true)).toEqual([
      [0, 301, 1000],
      [1, 1000, 2000],
      [2, 2000, 3000],
    ]);
  });
});

describe("the polling interval", () => {
  const pace = (rest: Partial<Pace>) =>
    pollInterval({ elapsedMs: 0, sinceNewsMs: 0, done: 0, missing: 100, live: false, emptyPolls: 9, ...rest });

  it("the polling interval starts at 10 ms and grows with the silence, up to one second", () => {
    expect([0, 100, 500, 3000, 60_000].map((ms) => pace({ elapsedMs: ms, sinceNewsMs: ms }))).toEqual([
      10, 10, 50, 300, 1000,
    ]);
  });

  it("the polling interval doubles from 2 ms until the job's first news", () => {
    expect([1, 2, 3, 4, 5].map((emptyPolls) => pace({ emptyPolls, missing: 1 }))).toEqual([2, 4, 8, 10, 10]);
    expect(pace({ emptyPolls: 1, sinceNewsMs: 1000 })).toBe(100);
  });

  it("the polling interval shrinks towards the end", () => {
    const at = (done: number) => pace({ elapsedMs: 6000, sinceNewsMs: 10, done, missing: 100 - done });
    expect(at(1)).toBe(1000);
    expect(at(90)).toBeCloseTo(6000 / 9 / 3);
    expect(at(99)).toBeLessThan(25);
  });

  it("the polling interval is at most 250 ms while someone watches the progress", () => {
    expect(pace({ elapsedMs: 60_000, sinceNewsMs: 50, done: 10, missing: 90, live: true })).toBe(250);
  });

  it("the polling interval results in a few dozen polls whatever the length of the job", () => {
    for (const lengthMs of [300, 3000, 30_000]) {
      let looks = 0;
      for (let elapsedMs = 0; elapsedMs < lengthMs; looks++) {
        const done = Math.floor((1000 * elapsedMs) / lengthMs);
        elapsedMs += pollInterval({
          elapsedMs,
          sinceNewsMs: 0,
          done,
          missing: 1000 - done,
          live: false,
          emptyPolls: 9,
        });
      }
      expect(looks, `${lengthMs} ms`).toBeLessThan(80);
    }
  });
});

describe("the first look", () => {
  /**
   * Runs applies one after the other, each readable some milliseconds after it was accepted. Returns queries and delay
   * of each.
   */
  async function applies(times: readonly number[]) {
    const { view, cloud, clock } = aClient();
    const seen: { queries: number; lateMs: number }[] = [];
    for (const ms of times) {
      const before = cloud.queries.length;
      const start = clock.now();
      let foundAt = 0;
      const waiting = Promise.resolve(view.apply(same, 1)).then(() => {
        foundAt = clock.now();
      });
      await clock.advance(ms);
      cloud.end(cloud.lastJob, 0, 1);
      for (let step = 0; foundAt === 0 && step < 5000; step++) await clock.advance(1);
      await waiting;
      seen.push({ queries: cloud.queries.length - before, lateMs: foundAt - start - ms });
    }
    return seen;
  }

  it("the first poll comes after the time that the last calls took", async () => {
    const seen = (await applies(Array.from({ length: 40 }, () => 14))).slice(10);
    const queries = seen.reduce((sum, one) => sum + one.queries, 0) / seen.length;
    expect(queries).toBeLessThanOrEqual(1.6);
    expect(Math.max(...seen.map(({ lateMs }) => lateMs))).toBeLessThanOrEqual(4);
  });

  it("the first poll adapts to calls that become shorter, and longer again", async () => {
    const seen = await applies([...Array(20).fill(25), ...Array(20).fill(5), ...Array(20).fill(25)]);
    expect(seen[39]?.lateMs).toBeLessThanOrEqual(2);
    expect(seen[59]?.lateMs).toBeLessThanOrEqual(5);
    expect(seen[59]?.queries).toBeLessThanOrEqual(2);
  });

  it("a long task after short ones costs no extra polls, and does not delay the next first poll", async () => {
    const seen = await applies([...Array(10).fill(5), 10_000, 5]);
    expect(seen[10]?.queries).toBeLessThanOrEqual(65);
    expect(seen[11]?.lateMs).toBeLessThanOrEqual(4);
  });
});

describe("a waiting client", () => {
  it("a waiting client reads no row for a job of few buckets, and stops reading it once all tasks are claimed", async () => {
    const { view, cloud, clock } = aClient();
    const [small, large] = [
      view.map(same, [1, 2]),
      view.map(
        same,
        Array.from({ length: 3500 }, (_, x) => x),
      ),
    ];
    await settle();
    const waiting = Promise.all([small, large]);
    await clock.advance(50);
    expect(cloud.queries.every(({ job }) => job === small.jobId)).toBe(true);
    cloud.end(small.jobId, 0, 2);
    cloud.end(large.jobId, 0, 3499);
    await clock.advance(1000);
    cloud.end(large.jobId, 3499, 3500);
    await clock.advance(1000);
    const { rowReads } = cloud;
    await clock.until(waiting);
    expect(rowReads).toBeGreaterThan(1);
    expect(cloud.rowReads).toBe(rowReads);
  });

  it("a waiting client makes far fewer calls than one per task", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(
      same,
      Array.from({ length: 10_000 }, (_, x) => x),
    );
    const waiting = Promise.resolve(result);
    await settle();
    for (let from = 0; from < 10_000; from += 50) {
      cloud.end(result.jobId, from, from + 50);
      await clock.advance(10);
    }
    expect((await clock.until(waiting)).length).toBe(10_000);
    expect(cloud.queries.length + cloud.rowReads).toBeLessThan(250);
  });

  it("a thousand waits on tasks of one job share one read", async () => {
    const { view, cloud, clock } = aClient();
    const waits = Array.from({ length: 1000 }, (_, x) => Promise.resolve(view.apply(same, x)));
    await clock.advance(5);
    expect(cloud.queries).toHaveLength(1);
    cloud.end(cloud.lastJob, 0, 1000);
    await clock.until(Promise.all(waits));
    expect(cloud.queries.length).toBeLessThan(5);
  });

  it("awaiting a job task by task keeps its polling interval", async () => {
    const { view, cloud, clock } = aClient();
    const results = Array.from({ length: 100 }, (_, x) => view.apply(same, x));
    const all = (async () => {
      for (const result of results) await result;
    })();
    await settle();
    for (let x = 0; x < 100; x++) {
      cloud.end(cloud.lastJob, x, x + 1);
      await clock.advance(2);
    }
    await clock.until(all);
    expect(cloud.queries.length).toBeLessThan(40);
  });

  it("a waiting client sends a tick when a retry is due", async () => {
    const { view, cloud, clock } = aClient({ retries: 1, backoff: { initialMs: 700 } });
    const result = Promise.resolve(view.apply(same, 1));
    await settle();
    const due = clock.now() + 700;
    const error = { code: "RemoteError", ename: "Error", evalue: "once" } as const;
    cloud.write(cloud.lastJob, [{ index: 0, attempt: 1, status: "error", final: false, error, due }]);
    await clock.advance(690);
    expect(cloud.sent("tick")).toHaveLength(0);
    await clock.advance(15);
    expect(cloud.sent("tick")).toEqual([{ type: "tick", due: true }]);
    cloud.write(cloud.lastJob, [{ index: 0, attempt: 2, status: "ok", final: true, value: "J5" }], {}, "L2");
    expect(await clock.until(result)).toBe(5);
  });

  it.each([{ timeoutMs: 300 }, { deadlineMs: 300 }])(
    "a waiting client sends a tick when a task expires: %o",
    async (flags) => {
      const { view, cloud, clock } = aClient(flags);
      const waiting = view.apply(same, 1).wait();
      await clock.advance(295);
      expect(cloud.sent("tick")).toHaveLength(0);
      await clock.advance(15);
      expect(cloud.sent("tick")).toHaveLength(1);
      cloud.end(cloud.lastJob, 0, 1);
      await clock.until(waiting);
    },
  );

  it("a waiting client sends ticks after 2 s of silence, then less often, up to every 6 s", async () => {
    const { view, cloud, clock } = aClient();
    const start = clock.now();
    const waiting = view.apply(same, 1).wait();
    const ticks: number[] = [];
    cloud.answer = (message) => {
      if (message.type === "tick") ticks.push(clock.now() - start);
      return undefined;
    };
    await clock.advance(40_000);
    const gaps = ticks.map((at, tick) => at - (ticks[tick - 1] ?? 0));
    const near = (ms: number) => expect.closeTo(ms, -3.2);
    expect(gaps.slice(0, 5)).toEqual([near(2000), near(4000), near(6000), near(6000), near(6000)]);
    cloud.end(cloud.lastJob, 0, 1);
    await clock.until(waiting);
  });

  it("a waiting client sends ticks while news keeps coming, since one task may be lost among many", async () => {
    const { view, cloud, clock } = aClient();
    const waiting = view
      .map(
        same,
        Array.from({ length: 30 }, (_, n) => n),
      )
      .wait();
    await clock.advance(100);
    for (let index = 0; index < 29; index++) {
      cloud.end(cloud.lastJob, index, index + 1);
      await clock.advance(1000);
    }
    // News has come for 29 s, at shorter intervals than 2 s.
    expect(cloud.sent("tick").length).toBeGreaterThanOrEqual(4);
    expect(cloud.sent("tick").length).toBeLessThanOrEqual(5);
    cloud.end(cloud.lastJob, 29, 30);
    await clock.until(waiting);
  });

  it("a client that waits again after a pause does not send a tick at once", async () => {
    const { view, cloud, clock } = aClient();
    for (let time = 0; time < 3; time++) {
      const waiting = view.apply(same, 1).wait();
      await clock.advance(300);
      cloud.end(cloud.lastJob, 0, 1);
      await clock.until(waiting);
      await clock.advance(20_000);
    }
    expect(cloud.sent("tick")).toHaveLength(0);
  });

  it.each([
    ["the scheduler wants it", { type: "ok", again: 1500 } as const, 1500],
    ["it failed", new Error("the scheduler was killed"), 2000],
  ])("a waiting client soon sends another tick when %s", async (_, first, gap) => {
    const { view, cloud, clock } = aClient();
    const waiting = view.apply(same, 1).wait();
    const ticks: number[] = [];
    cloud.answer = (message) => {
      if (message.type !== "tick") return undefined;
      ticks.push(clock.now());
      return ticks.length === 1 ? first : undefined;
    };
    await clock.advance(5000);
    expect((ticks[1] ?? 0) - (ticks[0] ?? 0)).toBeGreaterThanOrEqual(gap);
    expect((ticks[1] ?? 0) - (ticks[0] ?? 0)).toBeLessThan(gap + 1100);
    cloud.end(cloud.lastJob, 0, 1);
    await clock.until(waiting);
  });

  it("a failed tick has no effect on a waiting client", async () => {
    const { view, cloud, clock } = aClient();
    const waiting = view.apply(same, 1).wait();
    cloud.answer = (message) => (message.type === "tick" ? new Error("throttled") : undefined);
    await clock.advance(10_000);
    cloud.end(cloud.lastJob, 0, 1);
    expect(await clock.until(waiting)).toBe(true);
  });

  it("unreadable outcomes reject with ClusterError, and waiting again is possible", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.apply(same, 1);
    cloud.readFailure = new Error("ResourceNotFoundException");
    await expect(clock.until(result.get())).rejects.toThrow(ClusterError);
    cloud.readFailure = undefined;
    cloud.end(cloud.lastJob, 0, 1, () => "late");
    expect(await clock.until(result.get())).toBe("late");
  });

  it("a waiting client survives a few failed reads", async () => {
    const { view, cloud, clock } = aClient();
    const waiting = view.apply(same, 1).get();
    cloud.readFailure = new Error("throttled");
    await clock.advance(25);
    cloud.readFailure = undefined;
    cloud.end(cloud.lastJob, 0, 1, () => "late");
    expect(await clock.until(waiting)).toBe("late");
  });

  it("a waiting client finds a page in an unexpected place after a silence", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(
      same,
      Array.from({ length: 1200 }, (_, x) => x),
    );
    const waiting = Promise.resolve(result);
    await settle();
    cloud.end(result.jobId, 0, 1200);
    const pages = [...cloud.rows].filter(([, { sk }]) => sk.startsWith("o#"));
    for (const [key] of pages) cloud.rows.delete(key);
    cloud.end(result.jobId, 0, 1050);
    await clock.advance(1000);
    const entries = [900, ...Array.from({ length: 150 }, (_, at) => 1050 + at)].map((index) =>
      cloud.entry(index, () => index),
    );
    cloud.write(result.jobId, entries, {}, "strange");
    expect((await clock.until(waiting)).length).toBe(1200);
  });

  it("a waiting client sees tasks aborted ahead of the cursor", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(
      same,
      Array.from({ length: 3000 }, (_, x) => x),
    );
    const waiting = result.wait({ returnWhen: "FIRST_COMPLETED" });
    await settle();
    const error = { code: "TaskAborted", ename: "TaskAborted", evalue: "aborted" } as const;
    cloud.write(result.jobId, [{ index: 2500, attempt: 1, status: "aborted", final: true, error }]);
    const row = cloud.rows.get(`job#${result.jobId}/job`);
    if (row) Object.assign(row, { from: 0, aborted: ["2500-2501"] });
    expect((await clock.until(waiting)).done.map(({ taskIds }) => taskIds)).toEqual([[`${result.jobId}.2500`]]);
  });
});

describe("a job's outcomes", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;

  it("a job's outcomes take less than 200 bytes a task", () => {
    const tasks = 100_000;
    const pages = Array.from({ length: tasks / 50 }, (_, page) => {
      const indexes = Array.from({ length: 50 }, (_, at) => page * 50 + at);
      const entries = indexes.map((index) => ({
        index,
        attempt: 1,
        status: "ok" as const,
        final: true,
        value: `J${index}`,
        started: 1000 + index,
        completed: 1001 + index,
      }));
      const body = packOutcomePage({ engine: 1, pool: "p", revoked: false, received: 200_000, entries });
      return { bucket: Math.floor((page * 50) / 1000), sk: `o#${page}`, body };
    });
    const heap = () => {
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = heap();
    const outcomes = aJob(tasks);
    for (const page of pages) outcomes.add(page.bucket, page);
    const after = heap();
    expect(outcomes.missing).toBe(0);
    expect((after - before) / tasks).toBeLessThan(200);
  });

  it("a job's outcomes never change once a task has ended", () => {
    const outcomes = aJob(10, [0, 5]);
    const other = { index: 3, attempt: 2, status: "ok", final: true, value: "J2" } as const;
    outcomes.add(0, { sk: "o#3#X", body: packOutcomePage({ revoked: false, received: 2, entries: [other] }) });
    expect(outcomes.final(3)).toMatchObject({ attempt: 1, value: "J1" });
    expect(outcomes.missing).toBe(5);
  });

  it("adding a page to a job's outcomes returns whether it contained anything new", () => {
    const outcomes = aJob(10);
    const entry = { index: 3, attempt: 1, status: "ok", final: true, value: "J2" } as const;
    const page = { sk: "o#3#X", body: packOutcomePage({ revoked: false, received: 2, entries: [entry] }) };
    expect([outcomes.add(0, page), outcomes.add(0, page)]).toEqual([true, false]);
  });
});
