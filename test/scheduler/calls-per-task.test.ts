import { expect, test } from "vitest";
import { submitted } from "../dependencies/waiting.ts";
import { aJob, type Behaviour, type JobPlan, ok } from "../simulation/a-job.ts";
import type { Step } from "../simulation/faults.ts";
import { World, type WorldSettings } from "../simulation/world.ts";
import { expectRest } from "./sound.ts";

/** Runs a map on two engines until it is complete. Counts its service calls, invocations included, and its time. */
async function run(tasks: Behaviour[], flags: JobPlan["flags"] = {}, settings: WorldSettings = {}) {
  let calls = 0;
  let invocations = 0;
  const step = ({ invocation }: Step) => {
    calls++;
    invocations = Math.max(invocations, invocation);
    return undefined;
  };
  const world = new World({ engines: 2, sweeps: false, faults: { step }, ...settings });
  const job = aJob(1, world.clock.now(), { tasks, flags });
  const began = world.clock.now();
  await submitted(world, job);
  await world.complete(world.jobs, { ms: 600_000, ticks: false });
  const ms = world.clock.now() - began;
  await expectRest(world);
  return { perTask: (calls + invocations) / tasks.length, ms };
}

const noOps = (n: number) => Array.from({ length: n }, () => ok(0.1));

test("if a tenth of the tasks fail once, a map takes at most 1.6 times as long and 2.2 times the calls", async () => {
  const failing = noOps(5000).map((task, at) => (at % 10 === 3 ? { ...task, do: "error" as const, times: 1 } : task));
  const [plain, retried] = [await run(noOps(5000)), await run(failing, { retries: 1 })];
  expect(retried.perTask).toBeLessThan(2.2 * plain.perTask);
  expect(retried.ms).toBeLessThan(1.6 * plain.ms);
});

test("at hwm 1, each task costs a report, an outcome page and a claim, and little else", async () => {
  const { perTask } = await run(noOps(300), {}, { hwm: 1 });
  expect(perTask).toBeLessThan(3.5);
});

test("a tick lists the leases and queues once for all open jobs", async () => {
  const lists: string[] = [];
  const step = ({ message, verb, key }: Step) => {
    if (message === "tick" && verb === "list") lists.push(key);
    return undefined;
  };
  const world = new World({ engines: 2, sweeps: false, faults: { step } });
  for (let number = 1; number <= 48; number++)
    await submitted(world, aJob(number, world.clock.now(), { tasks: [{ do: "ok", ms: 60_000 }] }));
  await world.until(world.scheduler({ type: "tick" }));
  expect(lists.length).toBeLessThan(16);
  await world.complete(world.jobs, { ms: 3_000_000 });
});
