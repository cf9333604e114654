import { describe, expect, test } from "vitest";
import { type HighWaterMark, SCHEME_NAMES } from "../../lambdas/protocol/flags.ts";
import { aJob, type Behaviour, type Job, ok, submitParts } from "../simulation/a-job.ts";
import { idleBesideWork } from "../simulation/invariants.ts";
import { TRIES_ALL } from "../simulation/tried-steps.ts";
import { World } from "../simulation/world.ts";
import { expectRest, expectSound } from "./sound.ts";

function tasks(count: number, behaviour: Behaviour = ok(1)): Behaviour[] {
  return Array.from({ length: count }, () => behaviour);
}

/** Returns every recorded attempt of a task, in order. */
function attempts(world: World, job: Job, index = 0) {
  return world
    .pages(job)
    .flatMap(({ page }) => page.entries.map((entry) => ({ ...entry, engine: page.engine })))
    .filter((entry) => entry.index === index)
    .sort((a, b) => a.attempt - b.attempt);
}

describe("every scheme and high-water mark", () => {
  const marks: HighWaterMark[] = [0, 1, 3, "adaptive"];
  for (const scheme of SCHEME_NAMES)
    test.each(marks)(
      `all tasks run, at most hwm on an engine and none idle beside work: ${scheme}, hwm %s`,
      async (hwm) => {
        const world = new World({ scheme, hwm, engines: 4 });
        const idle: string[] = [];
        world.watch = () => {
          const found = idleBesideWork(world);
          if (found) idle.push(found);
        };
        const jobs = [
          aJob(1, world.clock.now(), { tasks: tasks(120, ok(3)) }),
          aJob(2, world.clock.now(), { tasks: tasks(30, { do: "error", ms: 1, times: 1 }), flags: { retries: 1 } }),
          aJob(3, world.clock.now(), { flags: { targets: [2] } }),
        ];
        for (const job of jobs) await world.until(world.submit(job));
        await expectSound(world, { ticks: false });
        expect(world.starts).toHaveLength(181);
        expect(idle).toEqual([]);
      },
    );

  test("a user's own scheme chooses the engines", async () => {
    const seen: number[][] = [];
    const last = (loads: readonly number[]) => {
      seen.push([...loads]);
      return loads.length - 1;
    };
    const world = new World({ scheme: last, hwm: 1, engines: 3 });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: [ok(50)] })));
    await world.until(world.submit(aJob(2, world.clock.now())));
    await expectSound(world);
    expect(seen).toEqual([
      [0, 0, 0],
      [0, 0],
    ]);
    expect(world.starts.map(({ engine }) => engine)).toEqual([2, 1]);
  });

  test.each([
    ["returns an index out of range", () => 99],
    ["returns a negative index", () => -1],
    ["returns a fraction", () => 0.5],
    [
      "throws",
      (): number => {
        throw new Error("mine");
      },
    ],
  ])("leastload chooses the engine if a user's own scheme %s", async (_, scheme) => {
    const world = new World({ scheme, hwm: 2, engines: 3 });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: tasks(3, ok(50)) })));
    await expectSound(world);
    expect(world.starts.map(({ engine }) => engine).sort()).toEqual([0, 1, 2]);
  });

  test("at hwm 1, leastload gives single tasks to the engines in strict rotation", async () => {
    const world = new World({ hwm: 1, engines: 3 });
    for (let number = 1; number <= 9; number++) {
      await world.until(world.submit(aJob(number, world.clock.now())));
      await world.complete();
      await world.pass(50);
    }
    expect(world.starts.map(({ engine }) => engine)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });
});

describe("retries", () => {
  test("retries count down whatever the number of engines, the last error counts, and each attempt is recorded", async () => {
    for (const engines of [1, 3]) {
      const world = new World({ engines });
      const job = aJob(1, world.clock.now(), { tasks: [{ do: "error", ms: 1 }], flags: { retries: 4 } });
      await world.until(world.submit(job));
      await expectSound(world);
      expect(attempts(world, job).map(({ attempt, status, final }) => [attempt, status, final])).toEqual([
        [1, "error", false],
        [2, "error", false],
        [3, "error", false],
        [4, "error", false],
        [5, "error", true],
      ]);
    }
  });

  test("a retry prefers another engine, and takes the same if no other may run it", async () => {
    const world = new World({ engines: 2 });
    const free = aJob(1, world.clock.now(), { tasks: [{ do: "error", ms: 1 }], flags: { retries: 1 } });
    await world.until(world.submit(free));
    await world.complete();
    expect(new Set(attempts(world, free).map(({ engine }) => engine)).size).toBe(2);
    const bound = aJob(2, world.clock.now(), { tasks: [{ do: "error", ms: 1 }], flags: { retries: 1, targets: [1] } });
    await world.until(world.submit(bound));
    await expectSound(world);
    expect(attempts(world, bound).map(({ engine }) => engine)).toEqual([1, 1]);
  });

  test("retries wait for their backoff, and a tick is enough to start them", async () => {
    const world = new World({ engines: 1 });
    const flags = { retries: 2, backoff: { initialMs: 1000, factor: 3, jitter: false } };
    const job = aJob(1, world.clock.now(), { tasks: [{ do: "error", ms: 1 }], flags });
    await world.until(world.submit(job));
    for (let ticks = 0; ticks < 60; ticks++) {
      await world.pass(100);
      await world.until(world.send({ type: "tick" }));
    }
    const at = world.starts.map((start) => start.at - (world.starts[0]?.at ?? 0));
    expect(at).toHaveLength(3);
    expect(at[1]).toBeGreaterThanOrEqual(1000);
    expect(at[1]).toBeLessThan(1250);
    expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThanOrEqual(3000);
    await expectSound(world);
  });

  test("retries apply only to the named errors", async () => {
    const world = new World({ engines: 2 });
    const flags = { retries: 2, retryOn: ["TimeoutError"] };
    const plain = aJob(1, world.clock.now(), { tasks: [{ do: "error", ms: 1, ename: "TypeError" }], flags });
    const named = aJob(2, world.clock.now(), { tasks: [{ do: "error", ms: 1, ename: "TimeoutError" }], flags });
    await world.until(world.submit(plain, named));
    await world.complete();
    expect(attempts(world, plain)).toHaveLength(1);
    expect(attempts(world, named)).toHaveLength(3);
    await expectRest(world);
  });

  test("retries of many tasks of one lease with jitter stay together", async () => {
    const world = new World({ engines: 1, hwm: 50 });
    const flags = { retries: 1, backoff: { initialMs: 500, factor: 2, jitter: true } };
    const job = aJob(1, world.clock.now(), { tasks: tasks(50, { do: "error", ms: 0, times: 1 }), flags });
    await world.until(world.submit(job));
    await world.pass(400);
    expect(world.keys("due#0").length).toBeLessThan(5);
    await expectSound(world);
  });
});

describe("time", () => {
  test("a deadline ends waiting and running tasks, and retries that would start too late", async () => {
    const world = new World({ engines: 1, hwm: 1 });
    const deadline = { deadlineMs: 2000 };
    const jobs = [
      aJob(1, world.clock.now(), { tasks: [ok(500), ok(10_000), ok(1)], flags: deadline }),
      aJob(2, world.clock.now(), {
        tasks: [{ do: "error", ms: 1 }],
        flags: { ...deadline, retries: 1, backoff: { initialMs: 60_000, factor: 2, jitter: false } },
      }),
    ];
    await world.until(world.submit(...jobs));
    const start = world.clock.now();
    await expectSound(world);
    expect(world.outcomes(jobs[0] as Job).get(0)).toMatchObject([{ status: "ok" }]);
    for (const index of [1, 2])
      expect(world.outcomes(jobs[0] as Job).get(index)).toMatchObject([{ status: "timeout" }]);
    expect(world.outcomes(jobs[1] as Job).get(0)).toMatchObject([
      { status: "timeout", error: { code: "TaskTimeout" } },
    ]);
    for (const { at } of world.starts) expect(at - start).toBeLessThan(2100);
  });

  test("a deadline ends a retry that waits behind busy engines", async () => {
    const world = new World({ engines: 1, hwm: 1, timeoutSeconds: 300 });
    const job = aJob(1, world.clock.now(), {
      tasks: [{ do: "error", ms: 900 }],
      flags: { deadlineMs: 1500, retries: 5 },
    });
    const long = aJob(2, world.clock.now(), { tasks: [ok(100_000)] });
    await world.until(world.submit(job, long));
    await world.complete([job], { ms: 6000 });
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "timeout" }]);
    await expectSound(world, { ms: 200_000 });
  });

  test("timeoutMs counts waiting only, and restarts at each requeue", async () => {
    const world = new World({ engines: 1 });
    const long = aJob(1, world.clock.now(), { tasks: [ok(3000)], flags: { timeoutMs: 500 } });
    const failing = aJob(2, world.clock.now(), {
      tasks: [{ do: "error", ms: 300, times: 2 }],
      flags: { timeoutMs: 400, retries: 2 },
    });
    await world.until(world.submit(long));
    await world.complete([long], { ms: 5000 });
    await world.until(world.submit(failing));
    await world.complete([failing], { ms: 5000 });
    expect(world.outcomes(long).get(0)).toMatchObject([{ status: "ok" }]);
    expect(world.outcomes(failing).get(0)).toMatchObject([{ status: "ok", attempt: 3 }]);
    await expectRest(world);
  });

  test("an expired task is never leased", async () => {
    const world = new World({ engines: 1, hwm: 1, sweeps: false });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: [ok(1000)] })));
    const late = aJob(2, world.clock.now(), { tasks: tasks(20), flags: { timeoutMs: 300 } });
    await world.until(world.submit(late));
    await world.complete([late], { ms: 2000, ticks: false });
    expect(world.starts).toHaveLength(1);
    expect([...world.outcomes(late).values()].every(([entry]) => entry?.status === "timeout")).toBe(true);
  });

  test("a task may run up to runTimeoutMs, and is retried like any failure", async () => {
    const world = new World({ engines: 1 });
    const job = aJob(1, world.clock.now(), { tasks: [ok(5000), ok(10)], flags: { runTimeoutMs: 200, retries: 1 } });
    await world.until(world.submit(job));
    await expectSound(world);
    expect(attempts(world, job).map(({ status, error }) => [status, error?.code])).toEqual([
      ["timeout", "RunTimeout"],
      ["timeout", "RunTimeout"],
    ]);
    expect(world.outcomes(job).get(1)).toMatchObject([{ status: "ok" }]);
  });
});

describe("the queue", () => {
  test("the independent tasks of each job start in order", async () => {
    for (const hwm of [1, 3, "adaptive"] as const) {
      const world = new World({ engines: 1, hwm, environments: 1 });
      for (let number = 1; number <= 6; number++)
        await world.until(world.submit(aJob(number, world.clock.now(), { tasks: tasks(7, ok(20)) })));
      await expectSound(world);
      for (const { header } of world.jobs)
        expect(world.starts.filter(({ job }) => job === header.id).map(({ index }) => index)).toEqual([
          0, 1, 2, 3, 4, 5, 6,
        ]);
    }
  });

  test("many jobs in one submit start in their order", async () => {
    const world = new World({ engines: 2, hwm: 1 });
    await world.until(
      world.submit(...Array.from({ length: 60 }, (_, at) => aJob(at + 1, world.clock.now(), { tasks: [ok(5)] }))),
    );
    await expectSound(world);
    const order = world.starts.map(({ job }) => Number.parseInt(job.slice(-2), 32));
    // Two engines start at the same time, and one may be a step ahead.
    for (const [at, job] of world.starts.map(({ job }) => job).entries())
      expect(Math.abs(at - [...new Set(world.starts.map((one) => one.job))].sort().indexOf(job))).toBeLessThanOrEqual(
        2,
      );
    expect(order).toHaveLength(60);
  });

  test("tasks with higher priority run first", async () => {
    const world = new World({ engines: 1, hwm: 1 });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: [ok(200)] })));
    for (const [number, priority] of [
      [2, 0],
      [3, -5],
      [4, 7],
      [5, 7],
      [6, 1],
    ] as const)
      await world.until(world.submit(aJob(number, world.clock.now(), { flags: { priority } })));
    await expectSound(world);
    expect(world.starts.map(({ job }) => Number(job.slice(-1)))).toEqual([1, 4, 5, 6, 2, 3]);
  });

  test("targets bind tasks to their engines, and block no other tasks", async () => {
    const pools = [
      { name: "small", count: 2, memoryMb: 512, timeoutSeconds: 60, functions: ["small"] },
      { name: "large", count: 2, memoryMb: 4096, timeoutSeconds: 60, functions: ["large"] },
    ];
    const world = new World({ pools, hwm: 1 });
    const jobs: [Job, number[]][] = [
      [aJob(1, world.clock.now(), { tasks: tasks(20, ok(30)), flags: { targets: [1] } }), [1]],
      [aJob(2, world.clock.now(), { tasks: tasks(20, ok(30)), flags: { targets: "large" } }), [2, 3]],
      [aJob(3, world.clock.now(), { tasks: tasks(20, ok(30)), flags: { targets: [0, 3] } }), [0, 3]],
      [aJob(4, world.clock.now(), { tasks: tasks(20, ok(30)), flags: { memoryMb: 1000 } }), [2, 3]],
      [aJob(5, world.clock.now(), { tasks: tasks(20, ok(30)), flags: { memoryMb: 512 } }), [0, 1, 2, 3]],
    ];
    await world.until(world.submit(...jobs.map(([job]) => job)));
    const start = world.clock.now();
    await expectSound(world, { ticks: false });
    for (const [job, allowed] of jobs)
      for (const one of world.starts.filter((each) => each.job === job.header.id))
        expect(allowed).toContain(one.engine);
    // 100 tasks of 30 ms on four engines take about 900 ms, including the calls between them.
    expect(Math.max(...world.starts.map(({ at }) => at)) - start).toBeLessThan(2500);
  });
});

describe("submits", () => {
  test("parts may come in any order and repeatedly; the job runs when the last has come", async () => {
    const world = new World({ engines: 2 });
    const job = aJob(1, world.clock.now(), { tasks: tasks(250), pageTasks: 25 });
    world.jobs.push(job);
    const parts = job.pages.map((page, at) => ({
      header: job.header,
      pages: [page],
      last: at === job.pages.length - 1,
    }));
    const early = parts.slice(0, -1);
    for (const part of [...early.reverse(), ...early]) await world.until(world.send(submitParts([part])));
    await world.pass(1000);
    expect(world.starts).toEqual([]);
    await world.until(world.send(submitParts(parts.slice(-1))));
    await expectSound(world);
    expect(world.starts).toHaveLength(250);
  });

  test("600 jobs of one task in one message all run", { timeout: 120_000 }, async () => {
    const marks: HighWaterMark[] = TRIES_ALL ? [0, 1, "adaptive"] : ["adaptive"];
    for (const hwm of marks) {
      const world = new World({ engines: 3, hwm, sweeps: false });
      await world.until(world.submit(...Array.from({ length: 600 }, (_, at) => aJob(at + 1, world.clock.now()))));
      await world.complete(world.jobs, { ms: 60_000, ticks: false });
      expect(world.starts).toHaveLength(600);
    }
  });
});

describe("aborts", () => {
  const abort = (job: Job, ...ranges: (readonly [number, number])[]) => ({
    type: "abort",
    jobs: [{ job: job.header.id, ranges }],
  });

  test("aborting tasks that wait for a retry or are queued again ends them at once", async () => {
    const world = new World({ engines: 1, hwm: 1 });
    const flags = { retries: 3, backoff: { initialMs: 30_000, factor: 2, jitter: false } };
    const waiting = aJob(1, world.clock.now(), { tasks: [{ do: "error", ms: 1 }], flags });
    await world.until(world.submit(waiting));
    await world.pass(500);
    await world.until(world.send(abort(waiting, [0, 1])));
    expect(world.outcomes(waiting).get(0)).toMatchObject([{ status: "aborted", attempt: 2 }]);
    await expectRest(world);
    expect(world.starts).toHaveLength(1);
  });

  test("aborting finished tasks, unknown jobs or no tasks has no effect", async () => {
    const world = new World({ engines: 1 });
    const job = aJob(1, world.clock.now(), { tasks: tasks(3) });
    await world.until(world.submit(job));
    await world.complete();
    await world.until(world.send(abort(job, [0, 3])));
    await world.until(world.send(abort(aJob(99, 0), [0, 1])));
    await world.until(world.send(abort(job)));
    await expectSound(world);
  });

  test("aborting a whole job removes its queue entry, stops its running tasks and frees the engine", async () => {
    const world = new World({ engines: 1, hwm: 1 });
    const job = aJob(1, world.clock.now(), { tasks: tasks(100, ok(30_000)) });
    const next = aJob(2, world.clock.now());
    await world.until(world.submit(job));
    await world.until(world.submit(next));
    await world.pass(100);
    await world.until(world.send(abort(job, [0, 100])));
    const start = world.clock.now();
    await world.complete(world.jobs, { ms: 10_000, ticks: false });
    expect(world.clock.now() - start).toBeLessThan(4000);
    expect([...world.outcomes(job).values()].every(([entry]) => entry?.status === "aborted")).toBe(true);
    expect(world.outcomes(next).get(0)).toMatchObject([{ status: "ok" }]);
    await expectSound(world, { aborted: new Map([[job, [[0, 100]]]]) });
  });

  test("overlapping, unsorted and repeated aborts give each task one outcome", async () => {
    const world = new World({ engines: 2, hwm: 1 });
    const job = aJob(1, world.clock.now(), { tasks: tasks(2200, ok(50)) });
    await world.until(world.submit(job));
    await world.pass(200);
    const aborts = [
      abort(job, [900, 1100], [50, 70], [60, 80]),
      abort(job, [1000, 2200]),
      abort(job, [2, 2200]),
      abort(job, [2, 2200]),
    ];
    await world.until(Promise.all(aborts.map((message) => world.send(message))));
    await expectSound(world, { aborted: new Map([[job, [[2, 2200]]]]) });
  });
});
