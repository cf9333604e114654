import { describe, expect, test } from "vitest";
import { NANOS } from "../../lambdas/protocol/budget.ts";
import { jobKey } from "../../lambdas/protocol/rows.ts";
import { chainJob, submitted, waitingJob } from "../dependencies/waiting.ts";
import { aJob, type Job, ok } from "../simulation/a-job.ts";
import type { Step } from "../simulation/faults.ts";
import { World, type WorldSettings } from "../simulation/world.ts";
import { expectRest, expectSound } from "./sound.ts";

/** A budget for this many milliseconds of an engine with 1 GB. Nothing else costs anything. */
function budgetOf(ms: number) {
  return { budgetUsd: { usd: ms / NANOS, prices: [0, 1] } };
}

function aWorld(settings: WorldSettings = {}): World {
  const { engines = 1 } = settings;
  const pool = { name: "engines", count: engines, memoryMb: 1024, timeoutSeconds: 60, functions: ["engines"] };
  return new World({ pools: [pool], hwm: 1, ...settings });
}

function tasks(count: number, ms: number) {
  return Array.from({ length: count }, () => ok(ms));
}

/** Counts a job's tasks by error code or status. */
function ends(world: World, job: Job) {
  const statuses = [...world.outcomes(job).values()].map(([final]) => final?.error?.code ?? final?.status ?? "none");
  return Object.fromEntries([...new Set(statuses)].map((one) => [one, statuses.filter((s) => s === one).length]));
}

describe("a job whose spending reaches its budget", () => {
  test.each([
    ["at hwm 1", { hwm: 1 }, 1],
    ["at hwm 4", { hwm: 4 }, 4],
    ["at an adaptive hwm", { hwm: "adaptive" }, 10],
    ["with four engines and environments", { hwm: 1, engines: 4, environments: 4 }, 1],
  ] as const)("ends within a lease of each engine, %s, and says what was spent", async (_, settings, lease) => {
    const world = aWorld(settings);
    const engines = "engines" in settings ? settings.engines : 1;
    const job = aJob(1, world.clock.now(), { tasks: tasks(90, 100), flags: budgetOf(2000) });
    await submitted(world, job);
    await expectSound(world);
    const { ok: ran = 0, BudgetExceeded: rest } = ends(world, job);
    expect(ran).toBeGreaterThan(15);
    expect(ran).toBeLessThanOrEqual(20 + engines * lease);
    expect(rest).toBe(90 - ran);
    const [last] = world.outcomes(job).get(89) ?? [];
    expect(last).toMatchObject({ status: "aborted", error: { code: "BudgetExceeded", budget: 2e-6 } });
    expect(last?.error?.spent).toBeGreaterThanOrEqual(2e-6);
    expect(last?.error?.spent).toBeLessThan(2e-6 + (engines * (lease + 1) * 100) / NANOS);
  });

  test("runs as any other if the budget is large, without any more calls", async () => {
    const callsOf = async (flags: object, hwm: "adaptive" | 1) => {
      let calls = 0;
      const step = (_: Step) => {
        calls++;
        return undefined;
      };
      const world = aWorld({ engines: 2, hwm, faults: { step } });
      const job = aJob(1, world.clock.now(), { tasks: tasks(50, 5), flags });
      await submitted(world, job);
      await expectSound(world, { ticks: false });
      return { calls, ends: ends(world, job) };
    };
    for (const hwm of [1, "adaptive"] as const)
      expect(await callsOf(budgetOf(1e9), hwm)).toEqual(await callsOf({}, hwm));
  });

  test("ends its delayed retries at once, and starts no other retry", async () => {
    const world = aWorld({ engines: 2 });
    const failing = aJob(1, world.clock.now(), {
      tasks: [{ do: "error", ms: 1, times: 1 }, ...tasks(20, 100)],
      flags: { ...budgetOf(500), retries: 1, backoff: { initialMs: 50_000, factor: 2, jitter: false } },
    });
    const retried = aJob(2, world.clock.now(), {
      tasks: Array.from({ length: 20 }, () => ({ do: "error" as const, ms: 100, times: 1 })),
      flags: { ...budgetOf(500), retries: 1 },
    });
    await submitted(world, failing);
    await world.complete([failing], { ms: 5000 });
    expect(world.outcomes(failing).get(0)).toMatchObject([{ error: { code: "BudgetExceeded" } }]);
    await submitted(world, retried);
    await world.complete([retried], { ms: 5000 });
    expect(world.starts.filter(({ job }) => job === retried.header.id).length).toBeLessThan(10);
    expect(ends(world, retried)).toEqual({ BudgetExceeded: 20 });
    await expectSound(world, { ms: 100_000 });
  });

  test.each([1, "adaptive"] as const)("starts no task that its own tasks have released, at hwm %s", async (hwm) => {
    const world = aWorld({ hwm });
    const chain = chainJob(1, world.clock.now(), tasks(40, 100), { flags: budgetOf(1000) });
    await submitted(world, chain);
    await world.complete([chain], { ms: 20_000 });
    await expectRest(world);
    const { ok: ran = 0, BudgetExceeded: rest = 0, ImpossibleDependency: unmet = 0 } = ends(world, chain);
    expect(ran).toBeGreaterThanOrEqual(8);
    expect(ran).toBeLessThanOrEqual(10 + (hwm === 1 ? 1 : 5));
    expect(rest + unmet).toBe(40 - ran);
    expect(rest).toBeGreaterThan(0);
  });

  test("ends tasks that wait for tasks of other jobs", async () => {
    const world = aWorld({ engines: 2 });
    const long = aJob(1, world.clock.now(), { tasks: [ok(20_000)] });
    await submitted(world, long);
    const after = [
      { on: [[long.header.id, 0, 1]] as [string, number, number][], all: true, success: true, failure: false },
    ];
    const waits = [{ from: 20, to: 30, after }];
    const job = aJob(2, world.clock.now(), { tasks: tasks(30, 100), waits, flags: budgetOf(500) });
    await submitted(world, job);
    await world.complete([job], { ms: 5000 });
    expect(ends(world, job).BudgetExceeded).toBeGreaterThan(20);
    expect(world.outcomes(job).get(29)).toMatchObject([{ error: { code: "BudgetExceeded" } }]);
    await expectSound(world);
  });

  test("keeps its sum when the schedulers are restarted", async () => {
    const world = aWorld();
    const job = aJob(1, world.clock.now(), { tasks: tasks(100, 100), flags: budgetOf(3000) });
    await submitted(world, job);
    await world.pass(1500);
    const before = world.tables.peek(jobKey(job.header.id))?.spent ?? 0;
    expect(before).toBeGreaterThan(1000);
    await world.until(world.restart());
    await world.complete([job], { ms: 60_000 });
    expect(world.starts.length).toBeLessThanOrEqual(33);
    expect(ends(world, job).BudgetExceeded).toBeGreaterThan(66);
  });

  test("ends the job that depends on it as impossible", async () => {
    const world = aWorld();
    const job = aJob(1, world.clock.now(), { tasks: tasks(20, 100), flags: budgetOf(300) });
    const child = waitingJob(2, world.clock.now(), {
      after: [{ on: [[job.header.id, 0, 20]], all: true, success: true, failure: false }],
    });
    await submitted(world, job, child);
    await world.complete(world.jobs, { ms: 10_000 });
    expect(ends(world, child)).toEqual({ ImpossibleDependency: 1 });
  });
});

test("a job without a budget has no sum in its row", async () => {
  const world = aWorld();
  const job = aJob(1, world.clock.now(), { tasks: tasks(5, 10) });
  await submitted(world, job);
  await expectSound(world);
  expect(world.tables.peek(jobKey(job.header.id))?.spent).toBeUndefined();
});
