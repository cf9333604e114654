import { describe, expect, test } from "vitest";
import { expectRest } from "../scheduler/sound.ts";
import { aJob, type Behaviour, type Job, ok } from "../simulation/a-job.ts";
import type { Faults, Step } from "../simulation/faults.ts";
import { TRIES_ALL, triedSteps } from "../simulation/tried-steps.ts";
import { World } from "../simulation/world.ts";
import { chainJob, on, outcome, submitted, waitingJob } from "./waiting.ts";

const FAILS: Behaviour = { do: "error", ms: 20 };

function expectChainFailed(world: World, chain: Job): void {
  const outcomes = world.outcomes(chain);
  expect(outcomes.size).toBe(chain.header.tasks);
  for (const [index, entries] of outcomes)
    expect(entries).toMatchObject([index === 0 ? { status: "error" } : { status: "impossible" }]);
  expect(world.starts).toHaveLength(1);
}

describe("a chain whose first task fails", () => {
  test("a chain of thousands of tasks ends completely after its first task fails", { timeout: 120_000 }, async () => {
    const world = new World({ engines: 2 });
    const tasks = Array.from({ length: TRIES_ALL ? 10_000 : 2000 }, (_, index) => (index === 0 ? FAILS : ok(1)));
    const chain = chainJob(1, world.clock.now(), tasks);
    await submitted(world, chain);
    await world.complete([chain], { ms: 300_000, ticks: false });
    expectChainFailed(world, chain);
    await expectRest(world);
  });

  test.each(["before", "after"] as const)(
    "a chain ends completely although the scheduler is killed %s any of its steps",
    { timeout: 120_000 },
    async (when) => {
      for (const number of triedSteps(200)) {
        let happened = false;
        const faults: Faults = {
          step(step: Step) {
            if (happened || step.endpoint !== "report" || step.message !== "report" || step.number !== number)
              return undefined;
            happened = true;
            return { kill: when };
          },
        };
        const world = new World({ engines: 2, faults, seed: number });
        const tasks = Array.from({ length: 250 }, (_, index) => (index === 0 ? FAILS : ok(1)));
        const chain = chainJob(1, world.clock.now(), tasks);
        const other = waitingJob(2, world.clock.now(), { after: [on(chain, { range: [249, 250] })] });
        await submitted(world, chain, other);
        await world.complete(world.jobs, { ms: 400_000, ticks: false });
        expectChainFailed(world, chain);
        expect(outcome(world, other).entry.status).toBe("impossible");
        await expectRest(world);
        if (!happened) return;
      }
    },
  );

  test("a chain ends completely although the scheduler is killed again and again", async () => {
    let steps = 0;
    // Kill each sweep that resumes the work too, once it has made some progress.
    const faults: Faults = { step: () => (++steps % 40 === 0 && steps < 1200 ? { kill: "after" } : undefined) };
    const world = new World({ engines: 2, faults });
    const tasks = Array.from({ length: 600 }, (_, index) => (index === 0 ? FAILS : ok(1)));
    const chain = chainJob(1, world.clock.now(), tasks);
    await submitted(world, chain);
    await world.complete([chain], { ms: 3_600_000 });
    const outcomes = world.outcomes(chain);
    expect([...outcomes.values()].every((entries) => entries.length === 1)).toBe(true);
    expect(outcomes.size).toBe(600);
    await expectRest(world);
  });
});

describe("two parents that end at once, in two schedulers", () => {
  test.each([
    ["of one job", true],
    ["of two jobs", false],
  ])("if two parents %s end at once, their dependent runs once", { timeout: 120_000 }, async (_, isOneJob) => {
    for (const number of triedSteps(24))
      for (const stallMs of [3, 30]) {
        // The report of one engine stalls at a step while the other's completes.
        let stalled: number | undefined;
        const faults: Faults = {
          step(step: Step) {
            if (step.message !== "report" || step.number !== number) return undefined;
            stalled ??= step.invocation;
            return stalled === step.invocation ? { stallMs, when: "before" } : undefined;
          },
        };
        const world = new World({ engines: 2, hwm: 1, sweeps: false, faults, seed: number });
        const now = world.clock.now();
        const parents = isOneJob
          ? [aJob(1, now, { tasks: [ok(100), ok(100)] })]
          : [aJob(1, now, { tasks: [ok(100)] }), aJob(2, now, { tasks: [ok(100)] })];
        const child = waitingJob(3, now, { after: parents.map((parent) => on(parent)) });
        await submitted(world, ...parents, child);
        await world.complete(world.jobs, { ms: 1000, ticks: false });
        expect(world.starts.filter(({ job }) => job === child.header.id)).toHaveLength(1);
        expect(outcome(world, child).entry.status).toBe("ok");
        await expectRest(world);
      }
  });
});

describe("a dependent that is submitted while its parent ends", () => {
  test.each(["ok", "error"] as const)(
    "a dependent submitted while its parent ends as %s is not forgotten",
    { timeout: 120_000 },
    async (end) => {
      for (const stalled of ["report", "submit"])
        for (const number of triedSteps(24))
          for (const at of [90, 100, 108]) {
            const faults: Faults = {
              step: (step) =>
                step.message === stalled && step.number === number ? { stallMs: 25, when: "before" } : undefined,
            };
            const world = new World({ engines: 2, sweeps: false, faults, seed: number });
            const parent = aJob(1, world.clock.now(), { tasks: [{ do: end, ms: 100 }] });
            await submitted(world, parent);
            await world.pass(at);
            const child = waitingJob(2, world.clock.now(), { after: [on(parent)] });
            await submitted(world, child);
            await world.complete(world.jobs, { ms: 1500, ticks: false });
            expect(outcome(world, child).entry.status).toBe(end === "ok" ? "ok" : "impossible");
            expect(world.starts).toHaveLength(end === "ok" ? 2 : 1);
            await expectRest(world);
          }
    },
  );
});
