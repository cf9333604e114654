import { expect, test } from "vitest";
import type { WaitGroup } from "../../lambdas/protocol/dependency.ts";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { kept, PuppetEngine } from "../scheduler/puppet-engine.ts";
import { expectRest } from "../scheduler/sound.ts";
import { aJob, ok } from "../simulation/a-job.ts";
import { World, type WorldSettings } from "../simulation/world.ts";

/** A task that waits for the success of others of its job. */
const after = (from: number, ...parents: number[]): WaitGroup => ({
  from,
  to: from + 1,
  after: [{ on: parents.map((one) => ["", one, one + 1]), all: true, success: true, failure: false }],
});

/**
 * Returns an engine played by hand that runs tasks 1 and 2 of a graph, and has reported task 0. Task 5 waits for task 1,
 * task 6 for 5, task 7 for 2, and task 8 for 2 and 5. Tasks 3 and 4 are in the queue.
 */
async function withGraph(settings: WorldSettings = {}) {
  const events: EngineEvent[] = [];
  const world = new World({ engines: 1, environments: 1, sweeps: false, faults: kept(events), ...settings });
  const waits = [after(5, 1), after(6, 5), after(7, 2), after(8, 2, 5)];
  const job = aJob(1, world.clock.now(), { tasks: Array.from({ length: 9 }, () => ok(1)), waits });
  await world.until(world.submit(job));
  const [event] = events;
  if (!event) throw new Error("no engine was started");
  const puppet = new PuppetEngine(world, event);
  await puppet.begin();
  // A task that ran for 20 ms: the next lease then has two tasks.
  const first = { ...puppet.ended(0), started: world.clock.now() - 20 };
  if (settings.hwm === undefined) await puppet.report({ entries: [first] });
  return { world, job, puppet };
}

/** Returns the tasks of an answer's lease, each with the positions of those that must succeed before it. */
function granted(answer: EngineAnswer): (readonly [index: number, needs: number[]])[] | undefined {
  const grant = "grant" in answer ? answer.grant : undefined;
  return grant?.tasks.map(([index, , , , needs = []]) => [index, needs] as const);
}

function seqOf(answer: EngineAnswer): number {
  if (answer.type !== "continue") throw new Error(`the report was answered ${JSON.stringify(answer)}`);
  return answer.seq;
}

test("tasks that a report releases join those that still run, with their chain, but not what waits for a running task", async () => {
  const { world, job, puppet } = await withGraph();
  expect(puppet.lease?.tasks.map(([index]) => index)).toEqual([1, 2]);
  const answer = await puppet.report({ entries: [puppet.ended(1)], running: [2], more: true });
  expect(granted(answer)).toEqual([
    [5, []],
    [6, [0]],
  ]);
  let lease = await puppet.report({ seq: seqOf(answer), entries: [2, 5, 6].map((index) => puppet.ended(index)) });
  while (lease.type === "lease") lease = await puppet.report();
  expect(world.isComplete(job)).toBe(true);
  await expectRest(world);
});

test("a report that does not ask for more leaves what it releases to the queue", async () => {
  const { puppet } = await withGraph();
  const answer = await puppet.report({ entries: [puppet.ended(1)], running: [2] });
  expect(answer).toMatchObject({ type: "continue" });
  expect(granted(answer)).toBeUndefined();
});

test("joined tasks that the next report does not name are queued again, and wait again for what has not ended", async () => {
  const { world, job, puppet } = await withGraph();
  const joined = await puppet.report({ entries: [puppet.ended(1)], running: [2], more: true });
  const left = await puppet.report({ seq: seqOf(joined), entries: [], running: [2] });
  expect(world.queueEntries().flatMap(({ requeued }) => requeued?.ranges ?? [])).toEqual([
    { from: 5, to: 6, attempt: 1 },
  ]);
  let lease = await puppet.report({ seq: seqOf(left), entries: [puppet.ended(2)] });
  while (lease.type === "lease") lease = await puppet.report();
  expect(world.isComplete(job)).toBe(true);
  await expectRest(world);
});

test("under an explicit high-water mark nothing joins", async () => {
  const { world, puppet } = await withGraph({ hwm: 3 });
  const tasks = puppet.lease?.tasks.map(([index]) => index) ?? [];
  expect(tasks).toContain(1);
  const running = tasks.filter((index) => index !== 1);
  const answer = await puppet.report({ entries: [puppet.ended(1)], running, more: true });
  expect(granted(answer)).toBeUndefined();
  expect(world.violations).toEqual([]);
});

test("a lease says whether more work was waiting when it was given", async () => {
  const { puppet } = await withGraph();
  expect(puppet.lease).toMatchObject({ ahead: true, more: true });
  while (puppet.lease?.more) await puppet.report();
  expect(await puppet.report()).toEqual({ type: "idle" });
});
