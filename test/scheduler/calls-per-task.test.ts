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

test("no-ops of which a tenth fail once take twice the time of others at most, and three times the calls", async () => {
  const failing = noOps(5000).map((task, at) => (at % 10 === 3 ? { ...task, do: "error" as const, times: 1 } : task));
  const [plain, retried] = [await run(noOps(5000)), await run(failing, { retries: 1 })];
  expect(retried.perTask).toBeLessThan(3 * plain.perTask);
  expect(retried.ms).toBeLessThan(2 * plain.ms);
});

test("an engine that holds one task at a time needs a report, a page, a claim and a row for each, and little else", async () => {
  const { perTask } = await run(noOps(300), {}, { hwm: 1 });
  expect(perTask).toBeLessThan(5);
});
