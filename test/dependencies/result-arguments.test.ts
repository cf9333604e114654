import { expect, test } from "vitest";
import type { DependencyAtRest, ParentRange } from "../../lambdas/protocol/dependency.ts";
import { expectRest } from "../scheduler/sound.ts";
import { aJob, type Job, ok, simulatedValue, type TakenResult } from "../simulation/a-job.ts";
import { World } from "../simulation/world.ts";
import { outcome, submitted } from "./waiting.ts";

/** Creates an argument made of the results of earlier jobs: a list of values or, for a single task, its value. */
function taken(...pieces: [job: Job, from: number, to: number][]): TakenResult {
  const result = pieces.map(([job, from, to]): ParentRange => [job.header.id, from, to]);
  const values = result.flatMap(([job, from, to]) =>
    Array.from({ length: to - from }, (_, at) => simulatedValue(job, from + at)),
  );
  const list = values.length > 1;
  return { reference: { result, list }, given: { values, list } };
}

/** Creates a task that takes results of earlier jobs as arguments. */
function taker(number: number, now: number, ...takes: TakenResult[]): Job {
  const on = takes.flatMap(({ reference }) => reference.result);
  const after: DependencyAtRest = { on, all: true, success: true, failure: false };
  return aJob(number, now, {
    tasks: [{ ...ok(1), takes }],
    waits: [{ from: 0, to: 1, after: [after], takes: true }],
  });
}

/** Runs jobs whose tasks must all succeed. The world records any wrong argument. */
async function run(world: World, ...jobs: Job[]): Promise<void> {
  await submitted(world, ...jobs);
  await world.complete(world.jobs, { ms: 60_000 });
  expect(world.violations).toEqual([]);
  for (const job of jobs) expect(outcome(world, job).entry.status).toBe("ok");
  await expectRest(world);
}

test("a task takes two results of one job, one of them twice", async () => {
  const world = new World();
  const pair = aJob(1, world.clock.now(), { tasks: [ok(1), ok(1)] });
  const [a, b] = [taken([pair, 0, 1]), taken([pair, 1, 2])];
  await run(world, pair, taker(2, world.clock.now(), a, b, a));
});

test("a task takes results on both sides of a bucket's edge: one by one, as a range, joined with another job's, and all", async () => {
  const world = new World();
  const now = world.clock.now();
  const wide = aJob(1, now, { tasks: Array.from({ length: 1010 }, () => ok(0)) });
  const other = aJob(2, now, { tasks: [ok(1), ok(1)] });
  const split = Array.from({ length: 6 }, (_, at) => taken([wide, 997 + at, 998 + at]));
  await run(
    world,
    wide,
    other,
    taker(3, now, ...split),
    taker(4, now, taken([wide, 995, 1005]), taken([wide, 999, 1001])),
    taker(5, now, taken([wide, 998, 1002], [other, 0, 2], [wide, 0, 3]), taken([wide, 0, 1010])),
  );
});
