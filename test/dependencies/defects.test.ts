import { describe, expect, test } from "vitest";
import type { DependencyAtRest } from "../../lambdas/protocol/dependency.ts";
import { expectRest } from "../scheduler/sound.ts";
import { aJob, ok } from "../simulation/a-job.ts";
import { World } from "../simulation/world.ts";
import { chainJob, on, outcome, submitted, waitingJob } from "./waiting.ts";

/** Defects of ipyparallel's dependencies that fantail must not have, as docs/from-ipyparallel.md describes. */

test("a failure cascades at once through all its dependents, on an otherwise idle cluster", async () => {
  const world = new World({ sweeps: false });
  const head = aJob(1, world.clock.now(), { tasks: [{ do: "error", ms: 50 }] });
  const second = waitingJob(2, world.clock.now(), { after: [on(head)] });
  const third = waitingJob(3, world.clock.now(), { after: [on(second)] }, { tasks: [ok(1), ok(1), ok(1)] });
  const fourth = waitingJob(4, world.clock.now(), { after: [on(third, { all: false })] });
  for (const job of [head, second, third, fourth]) await submitted(world, job);
  await world.complete(world.jobs, { ms: 1000, ticks: false });
  for (const job of [second, third, fourth])
    for (let index = 0; index < job.header.tasks; index++)
      expect(outcome(world, job, index).entry).toMatchObject({
        status: "impossible",
        error: { code: "ImpossibleDependency" },
      });
  expect(world.starts).toHaveLength(1);
  await expectRest(world);
});

describe("six tasks that wait for one task", () => {
  test.each(["in one message", "one by one"])(
    "six dependents submitted %s run in the order of submission",
    async (how) => {
      const world = new World({ engines: 1, hwm: 1, sweeps: false });
      const parent = aJob(1, world.clock.now(), { tasks: [ok(300)] });
      await submitted(world, parent);
      const children = [2, 3, 4, 5, 6, 7].map((number) =>
        waitingJob(number, world.clock.now(), { after: [on(parent)] }, { tasks: [ok(20)] }),
      );
      if (how === "in one message") await submitted(world, ...children);
      else for (const child of children) await submitted(world, child);
      await world.complete(world.jobs, { ms: 5000, ticks: false });
      expect(world.starts.map(({ job }) => job)).toEqual([parent, ...children].map(({ header }) => header.id));
      await expectRest(world);
    },
  );
});

describe("a `follow` that can never be met", () => {
  test("a `follow` is impossible, with the reason, if the engine has died before the dependent is submitted", async () => {
    const world = new World({ engines: 2 });
    const parent = aJob(1, world.clock.now(), { flags: { targets: [0] } });
    const killer = aJob(2, world.clock.now(), { tasks: [{ do: "die", ms: 1 }], flags: { targets: [0] } });
    await submitted(world, parent);
    await world.complete();
    await submitted(world, killer);
    await world.complete();
    const child = waitingJob(3, world.clock.now(), { follow: on(parent) });
    await submitted(world, child);
    await world.complete(world.jobs, { ms: 5000 });
    expect(outcome(world, child).entry).toMatchObject({
      status: "impossible",
      error: { code: "ImpossibleDependency", reason: expect.stringContaining("engine 0") },
    });
    await expectRest(world);
  });

  test("a `follow` is impossible, with the reason, if the engine dies while the dependent waits for another task", async () => {
    const world = new World({ engines: 2 });
    const parent = aJob(1, world.clock.now(), { flags: { targets: [0] } });
    const killer = aJob(2, world.clock.now(), { tasks: [{ do: "die", ms: 100 }], flags: { targets: [0] } });
    const gate = aJob(3, world.clock.now(), { tasks: [ok(1000)], flags: { targets: [1] } });
    const child = waitingJob(4, world.clock.now(), { after: [on(gate)], follow: on(parent) });
    await submitted(world, parent, gate, child);
    await world.complete([parent]);
    await submitted(world, killer);
    await world.complete(world.jobs, { ms: 10_000 });
    expect(outcome(world, child).entry).toMatchObject({
      status: "impossible",
      error: { code: "ImpossibleDependency", reason: expect.stringContaining("engine 0") },
    });
    await expectRest(world);
  });

  test("a `follow` is impossible, with the reason, if the engine dies while the dependent is queued for it", async () => {
    const world = new World({ engines: 2, hwm: 1 });
    const parent = aJob(1, world.clock.now(), { flags: { targets: [0] } });
    await submitted(world, parent);
    await world.complete();
    const killer = aJob(2, world.clock.now(), { tasks: [{ do: "die", ms: 500 }], flags: { targets: [0] } });
    await submitted(world, killer);
    const child = waitingJob(3, world.clock.now(), { follow: on(parent) });
    await submitted(world, child);
    await world.complete(world.jobs, { ms: 10_000 });
    expect(outcome(world, child).entry).toMatchObject({
      status: "impossible",
      error: { code: "ImpossibleDependency", reason: expect.stringContaining("engine 0") },
    });
    await expectRest(world);
  });

  test("a `follow` is impossible if the task's targets exclude the engine", async () => {
    const world = new World({ engines: 3, sweeps: false });
    const parent = aJob(1, world.clock.now(), { flags: { targets: [0] } });
    const child = waitingJob(2, world.clock.now(), { follow: on(parent) }, { flags: { targets: [1, 2] } });
    await submitted(world, parent, child);
    await world.complete(world.jobs, { ms: 5000, ticks: false });
    expect(outcome(world, child).entry).toMatchObject({
      status: "impossible",
      error: { code: "ImpossibleDependency", reason: expect.stringMatching(/./) },
    });
    await expectRest(world);
  });

  test("a `follow` is impossible, with the reason, if the parent failed without ever having run", async () => {
    const world = new World({ engines: 2, sweeps: false });
    const head = aJob(1, world.clock.now(), { tasks: [{ do: "error", ms: 20 }] });
    const never = waitingJob(2, world.clock.now(), { after: [on(head)] });
    const child = waitingJob(3, world.clock.now(), { follow: on(never, { by: "failure" }) });
    await submitted(world, head, never, child);
    await world.complete(world.jobs, { ms: 5000, ticks: false });
    expect(outcome(world, child).entry).toMatchObject({
      status: "impossible",
      error: { code: "ImpossibleDependency", dependency: expect.stringContaining(never.header.id) },
    });
    await expectRest(world);
  });
});

test("`follow` waits for its engine although others are idle", async () => {
  const world = new World({ engines: 3, hwm: 1, sweeps: false });
  const parent = aJob(1, world.clock.now(), { flags: { targets: [1] } });
  await submitted(world, parent);
  await world.complete(world.jobs, { ticks: false });
  const busy = aJob(2, world.clock.now(), { tasks: [ok(1000)], flags: { targets: [1] } });
  await submitted(world, busy);
  const child = waitingJob(3, world.clock.now(), { follow: on(parent) });
  await submitted(world, child);
  await world.complete(world.jobs, { ms: 5000, ticks: false });
  const end = outcome(world, busy).entry.completed ?? 0;
  expect(outcome(world, child)).toMatchObject({ engine: 1, entry: { status: "ok" } });
  expect(outcome(world, child).at).toBeGreaterThanOrEqual(end);
  await expectRest(world);
});

test("a dependent waits for its parent's last attempt", async () => {
  const world = new World({ engines: 2, sweeps: false });
  const parent = aJob(1, world.clock.now(), { tasks: [{ do: "error", ms: 50, times: 2 }], flags: { retries: 2 } });
  const child = waitingJob(2, world.clock.now(), { after: [on(parent)] });
  await submitted(world, parent, child);
  await world.complete(world.jobs, { ms: 5000, ticks: false });
  expect(outcome(world, child).entry.status).toBe("ok");
  expect(outcome(world, child).at).toBeGreaterThanOrEqual(outcome(world, parent).entry.completed ?? 0);
  await expectRest(world);
});

test("waiting tasks are aborted at once, and their dependents are impossible", async () => {
  const world = new World({ engines: 2, sweeps: false });
  const chain = chainJob(1, world.clock.now(), [ok(2000), ok(1), ok(1), ok(1)]);
  await submitted(world, chain);
  await world.pass(50);
  await world.until(world.send({ type: "abort", jobs: [{ job: chain.header.id, ranges: [[1, 2]] }] }));
  await world.pass(200);
  expect(outcome(world, chain, 1).entry).toMatchObject({ status: "aborted", error: { code: "TaskAborted" } });
  for (const index of [2, 3]) expect(outcome(world, chain, index).entry.status).toBe("impossible");
  await world.complete(world.jobs, { ms: 5000, ticks: false });
  expect(outcome(world, chain, 0).entry.status).toBe("ok");
  expect(world.starts).toHaveLength(1);
  await expectRest(world);
});

describe("after any of several tasks of which one does not exist", () => {
  const unknown: DependencyAtRest["on"] = [["0000000000000000000000000Z", 0, 1]];
  const anyOf = (...on: DependencyAtRest["on"]): DependencyAtRest => ({
    on,
    all: false,
    success: true,
    failure: false,
  });

  test("a task that waits for any of several runs after one of them, whether it has ended or will end", async () => {
    const world = new World();
    const done = aJob(1, world.clock.now(), { tasks: [ok(1), ok(1)] });
    await submitted(world, done);
    await world.complete();
    const slow = aJob(2, world.clock.now(), { tasks: [ok(300)] });
    const children = [done, slow].map(({ header }, at) =>
      waitingJob(3 + at, world.clock.now(), { after: [anyOf(...unknown, [header.id, 0, 1], [header.id, 7, 8])] }),
    );
    await submitted(world, slow, ...children);
    await world.complete();
    for (const child of children) expect(outcome(world, child).entry.status).toBe("ok");
    await expectRest(world);
  });

  test("a task that waits for tasks none of which exist does not run, and a `follow` of one that does not exist is impossible", async () => {
    const world = new World();
    const done = aJob(1, world.clock.now(), { tasks: [ok(1)] });
    const children = [
      waitingJob(2, world.clock.now(), { after: [anyOf(...unknown)] }),
      waitingJob(3, world.clock.now(), { follow: anyOf(...unknown, [done.header.id, 0, 1]) }),
    ];
    await submitted(world, done, ...children);
    await world.complete();
    for (const child of children)
      expect(outcome(world, child).entry).toMatchObject({ error: { code: "InvalidDependency" } });
    await expectRest(world);
  });
});
