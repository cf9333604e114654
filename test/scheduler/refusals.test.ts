import { describe, expect, test } from "vitest";
import type { Pool } from "../../lambdas/scheduler/ports/cluster-config.ts";
import { aJob, type Behaviour, type Job, MODULE, ok } from "../simulation/a-job.ts";
import { doubledRefusals, idleBesideWork } from "../simulation/invariants.ts";
import { World } from "../simulation/world.ts";
import { expectRest, expectSound } from "./sound.ts";

const pool = (name: string, count: number, memoryMb = 1024): Pool => ({
  name,
  count,
  memoryMb,
  timeoutSeconds: 60,
  functions: [name],
});

const refusedBy = (...engines: number[]): Behaviour => ({ do: "unmet", ms: 1, refusedBy: engines });
const lackedBy = (...pools: string[]): Behaviour => ({ do: "unmet", ms: 1, lackedBy: pools });
const many = (count: number, behaviour: Behaviour) => Array.from({ length: count }, () => behaviour);

function watched(world: World): string[] {
  const idle: string[] = [];
  world.watch = () => {
    const found = idleBesideWork(world);
    if (found) idle.push(found);
  };
  return idle;
}

/** Runs a job until it is complete, without ticks: nothing here may need one. */
async function run(world: World, job: Job): Promise<void> {
  await world.until(world.submit(job));
  await expectSound(world, { ticks: false });
  expect(doubledRefusals(world.view, job.header)).toEqual([]);
}

describe("a task that an engine refuses", () => {
  test.each([1, 2, 5])(
    "a refused task goes to another engine, as the same attempt, whatever the number of engines: %s",
    async (more) => {
      const world = new World({ engines: 1 + more });
      const idle = watched(world);
      const refusing = Array.from({ length: more }, (_, id) => id);
      const job = aJob(1, world.clock.now(), { tasks: [refusedBy(...refusing)] });
      await run(world, job);
      expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok", attempt: 1 }]);
      expect(world.starts.map(({ engine, attempt }) => [engine, attempt])).toEqual([[more, 1]]);
      expect(idle).toEqual([]);
    },
  );

  test("a refused task has all its retries left, and its last error counts", async () => {
    const world = new World({ engines: 2 });
    const job = aJob(1, world.clock.now(), {
      tasks: [{ do: "error", ms: 1, ename: "Mine" }, refusedBy(0)],
      flags: { retries: 3 },
    });
    await run(world, job);
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "error", attempt: 4, error: { ename: "Mine" } }]);
    expect(world.outcomes(job).get(1)).toMatchObject([{ status: "ok", attempt: 1 }]);
  });

  test("a task that an engine refuses waits for the remaining engine while that is busy, and is taken once it is free", async () => {
    const world = new World({ engines: 2, hwm: 1 });
    const busy = aJob(1, world.clock.now(), { tasks: [ok(500)], flags: { targets: [1] } });
    await world.until(world.submit(busy));
    await run(world, aJob(2, world.clock.now(), { tasks: [refusedBy(0)] }));
    const [long, refused] = world.starts;
    expect(refused?.engine).toBe(1);
    expect((refused?.at ?? 0) - (long?.at ?? 0)).toBeLessThan(540);
  });

  test("a map of 1,000 that one engine refuses stays in few leases, and runs in order", async () => {
    const world = new World({ engines: 2, hwm: 0 });
    const job = aJob(1, world.clock.now(), { tasks: many(1000, refusedBy(0)) });
    await run(world, job);
    expect(world.pages(job).length).toBeLessThan(8);
    const indexes = world.starts.map(({ index }) => index);
    expect(new Set(indexes).size).toBe(1000);
    expect(world.starts.every(({ engine }) => engine === 1)).toBe(true);
  });

  test("a task that every engine refuses is impossible, and its error lists the engines and reasons", async () => {
    const world = new World({ engines: 3 });
    const job = aJob(1, world.clock.now(), { tasks: [refusedBy(0, 1, 2), ok(1)] });
    await run(world, job);
    const [outcome] = world.outcomes(job).get(0) ?? [];
    expect(outcome).toMatchObject({ status: "impossible", error: { code: "ImpossibleDependency" } });
    expect(outcome?.error?.evalue).toMatch(
      /^no engine can run it: engines 0-2 refused it \(engine \d: the predicate said no\)$/,
    );
    expect(world.outcomes(job).get(1)).toMatchObject([{ status: "ok" }]);
  });

  test("a task that all its targets refuse is impossible, and no other engine is asked", async () => {
    const world = new World({ engines: 4 });
    const job = aJob(1, world.clock.now(), { tasks: [refusedBy(1, 2)], flags: { targets: [1, 2] } });
    await run(world, job);
    const [outcome] = world.outcomes(job).get(0) ?? [];
    expect(outcome?.status).toBe("impossible");
    expect(outcome?.error?.evalue).toContain("no engine among its targets 1-2 can run it");
    expect(world.refusals.map(({ engine }) => engine).sort()).toEqual([1, 2]);
  });

  test("a task that an engine refuses can be aborted while it waits, in a queue of its own", async () => {
    const world = new World({ engines: 2, hwm: 1 });
    const busy = aJob(1, world.clock.now(), { tasks: [ok(5000)], flags: { targets: [1] } });
    const job = aJob(2, world.clock.now(), { tasks: [refusedBy(0)] });
    await world.until(world.submit(busy));
    await world.until(world.submit(job));
    await world.pass(200);
    await world.until(world.send({ type: "abort", jobs: [{ job: job.header.id, ranges: [[0, 1]] }] }));
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "aborted" }]);
    await expectSound(world, { aborted: new Map([[job, [[0, 1]]]]) });
  });

  test("a task that an engine refuses can time out while it waits", async () => {
    const world = new World({ engines: 2, hwm: 1 });
    const busy = aJob(1, world.clock.now(), { tasks: [ok(20_000)], flags: { targets: [1] } });
    const job = aJob(2, world.clock.now(), { tasks: [refusedBy(0)], flags: { deadlineMs: 1000 } });
    await world.until(world.submit(busy));
    await world.until(world.submit(job));
    await world.complete([job], { ms: 10_000 });
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "timeout" }]);
    await expectSound(world);
  });
});

describe("a module that a pool lacks", () => {
  test("a module that a pool lacks rules out the whole pool, with one refusal for each task", async () => {
    const world = new World({ pools: [pool("plain", 3), pool("images", 1)] });
    const job = aJob(1, world.clock.now(), { tasks: [lackedBy("plain")] });
    await run(world, job);
    expect(world.refusals).toHaveLength(1);
    expect(world.starts.map(({ engine }) => engine)).toEqual([3]);
  });

  test("a module that a pool lacks is learned once: later jobs that require it go straight to the right pool, in every scheduler", async () => {
    const world = new World({ pools: [pool("plain", 3), pool("images", 1)], environments: 4 });
    await run(world, aJob(1, world.clock.now(), { tasks: [lackedBy("plain")], modules: [MODULE] }));
    const learned = world.refusals.length;
    expect(learned).toBe(1);
    for (let number = 2; number < 8; number++)
      await run(world, aJob(number, world.clock.now(), { tasks: many(5, lackedBy("plain")), modules: [MODULE] }));
    expect(world.refusals).toHaveLength(learned);
    await run(world, aJob(8, world.clock.now(), { tasks: [lackedBy("plain")] }));
    expect(world.refusals.length).toBeGreaterThanOrEqual(learned);
  });

  test("a module that a pool lacks is forgotten when the pool is recreated", async () => {
    const pools = [pool("plain", 1), pool("images", 1)];
    const world = new World({ pools });
    await run(world, aJob(1, world.clock.now(), { tasks: [lackedBy("plain")], modules: [MODULE] }));
    for (const one of pools) one.revision = "with the module";
    const flags = { targets: "plain" };
    await run(world, aJob(2, world.clock.now(), { tasks: [ok(1)], modules: [MODULE], flags }));
    const busy = aJob(3, world.clock.now(), { tasks: [ok(300)], flags: { targets: "images" } });
    await world.until(world.submit(busy));
    await run(world, aJob(4, world.clock.now(), { tasks: [ok(1)], modules: [MODULE] }));
    expect(world.starts.at(-1)?.engine).toBe(0);
  });

  test("a task whose module every pool lacks is impossible each time, with the reasons of the asked engines", async () => {
    const world = new World({ pools: [pool("a", 2), pool("b", 2)] });
    for (const number of [1, 2]) {
      const job = aJob(number, world.clock.now(), { tasks: [lackedBy("a", "b")], modules: [MODULE] });
      await run(world, job);
      const [outcome] = world.outcomes(job).get(0) ?? [];
      expect(outcome?.status).toBe("impossible");
      expect(outcome?.error?.evalue).toBe(
        `no engine can run it: pools a and b lack module ${MODULE}. Install it there with \`engines[].modules\``,
      );
    }
  });
});

describe("escalation", () => {
  const pools = [pool("small", 2, 512), pool("large", 1, 4096), pool("middle", 1, 1024)];

  test("a task that runs too long continues in the next larger pool, without a retry", async () => {
    const world = new World({ pools });
    const flags = { escalate: true, runTimeoutMs: 100, targets: [0, 1, 2, 3] };
    const job = aJob(1, world.clock.now(), { tasks: [{ do: "hang", ms: 0 }], flags });
    await world.until(world.submit(job));
    await world.complete(world.jobs, { ticks: false });
    expect(world.starts.map(({ engine, attempt }) => [engine, attempt])).toEqual([
      [0, 1],
      [3, 1],
      [2, 1],
    ]);
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "timeout", error: { code: "RunTimeout" } }]);
    await expectRest(world);
  });

  test("a task that runs out of memory, as Lambda reports, continues in the next larger pool", async () => {
    const world = new World({ pools, faults: { crashesAfterMs: (number) => (number === 1 ? 50 : undefined) } });
    const job = aJob(1, world.clock.now(), { tasks: [ok(200)], flags: { escalate: true, targets: [0, 3] } });
    await world.until(world.submit(job));
    await world.complete();
    expect(world.starts.map(({ engine, attempt }) => [engine, attempt])).toEqual([
      [0, 1],
      [3, 1],
    ]);
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok", attempt: 1 }]);
    await expectRest(world);
  });
});
