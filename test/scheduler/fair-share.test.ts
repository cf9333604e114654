import { describe, expect, test } from "vitest";
import type { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import { aJob, type Behaviour, type Job, ok } from "../simulation/a-job.ts";
import type { Step } from "../simulation/faults.ts";
import { World } from "../simulation/world.ts";
import { expectSound } from "./sound.ts";

function tasks(count: number, behaviour: Behaviour): Behaviour[] {
  return Array.from({ length: count }, () => behaviour);
}

/** Number of a job's tasks that started in each second since the first task of any job started. */
function startsBySecond(world: World, { header }: Job, seconds: number): number[] {
  const first = world.starts[0]?.at ?? 0;
  const counts = Array.from({ length: seconds }, () => 0);
  for (const { job, at } of world.starts) {
    const second = Math.floor((at - first) / 1000);
    if (job === header.id && second < seconds) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

/** When the last task of a job started, in milliseconds since the first task of any job started. */
function lastStart(world: World, { header }: Job): number {
  const starts = world.starts.filter(({ job }) => job === header.id);
  return Math.max(...starts.map(({ at }) => at)) - (world.starts[0]?.at ?? 0);
}

describe("jobs of equal priority share the engines", () => {
  test.each<[string, number, HighWaterMark]>([
    ["1 engine at `adaptive`", 1, "adaptive"],
    ["2 engines at `adaptive`", 2, "adaptive"],
    ["3 engines at `adaptive`", 3, "adaptive"],
    ["2 engines at `hwm: 1`", 2, 1],
    ["3 engines at `hwm: 4`", 3, 4],
  ])("each of two jobs on %s gets its half within a fifth in every second", async (_, engines, hwm) => {
    const world = new World({ engines, hwm, environments: 1 });
    const first = aJob(1, world.clock.now(), { tasks: tasks(engines * 200, ok(10)) });
    const second = aJob(2, world.clock.now(), { tasks: tasks(engines * 200, ok(10)) });
    await world.until(world.submit(first));
    await world.until(world.submit(second));
    await expectSound(world);
    const ours = startsBySecond(world, first, 3);
    const theirs = startsBySecond(world, second, 3);
    for (const [at, count] of ours.entries()) {
      const half = (count + (theirs[at] ?? 0)) / 2;
      expect(half).toBeGreaterThan(10);
      expect(Math.abs(count - half)).toBeLessThanOrEqual(half / 5 + 1);
    }
  });

  test("short tasks that are submitted with long ones begin at once on another engine", async () => {
    const world = new World({ engines: 2 });
    const long = aJob(1, world.clock.now(), { tasks: tasks(4, ok(2000)) });
    const short = aJob(2, world.clock.now(), { tasks: tasks(500, ok(0.1)) });
    await world.until(world.submit(long, short));
    await expectSound(world);
    expect(lastStart(world, short)).toBeLessThan(1000);
    expect(lastStart(world, long)).toBeLessThan(7000);
  });

  test("a job that arrives later gets the next engine, however much an earlier job has queued", async () => {
    const world = new World({ engines: 2, hwm: 1 });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: tasks(100, ok(50)) })));
    await world.pass(500);
    const later = aJob(2, world.clock.now(), { tasks: tasks(5, ok(50)) });
    const submitted = world.clock.now();
    await world.until(world.submit(later));
    await expectSound(world);
    const starts = world.starts.filter(({ job }) => job === later.header.id);
    expect((starts[0]?.at ?? Number.NaN) - submitted).toBeLessThan(100);
  });

  test("a job of higher priority gets all engines first", async () => {
    const world = new World({ engines: 2, hwm: 1 });
    const low = aJob(1, world.clock.now(), { tasks: tasks(20, ok(50)) });
    const high = aJob(2, world.clock.now(), { tasks: tasks(20, ok(50)), flags: { priority: 1 } });
    await world.until(world.submit(low, high));
    await expectSound(world);
    expect(new Set(world.starts.slice(0, 20).map(({ job }) => job))).toEqual(new Set([high.header.id]));
  });

  test("comparing what jobs hold costs a list of the engines at most every 200 ms", async () => {
    let lists = 0;
    const step = ({ endpoint, verb, key }: Step) => {
      if (endpoint === "report" && verb === "list" && key.startsWith("engine")) lists++;
      return undefined;
    };
    const world = new World({ engines: 1, hwm: 1, environments: 1, sweeps: false, faults: { step } });
    for (const number of [1, 2])
      await world.until(world.submit(aJob(number, world.clock.now(), { tasks: tasks(100, ok(10)) })));
    const began = world.clock.now();
    await world.complete(world.jobs, { ticks: false });
    expect(lists).toBeGreaterThan(0);
    expect(lists).toBeLessThanOrEqual(Math.ceil((world.clock.now() - began) / 200) + 1);
  });
});
