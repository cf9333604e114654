import { describe, expect, test } from "vitest";
import type { Pool } from "../../lambdas/scheduler/ports/cluster-config.ts";
import { aJob, type Behaviour, ok } from "../simulation/a-job.ts";
import { World } from "../simulation/world.ts";
import { expectRest, expectSound } from "./sound.ts";

const pools: Pool[] = ["a", "b"].map((name) => ({
  name,
  count: 2,
  memoryMb: 1024,
  timeoutSeconds: 60,
  functions: [name],
}));
const many = (count: number, behaviour: Behaviour = ok(1)) => Array.from({ length: count }, () => behaviour);
const scale = (pool: string, count: number) => ({ type: "scale", pool, count });
const drain = (...engines: number[]) => ({ type: "drain", engines });

async function answered(world: World, message: object) {
  const answer = await world.until(world.send(message));
  if (answer.type !== "status") throw new Error(JSON.stringify(answer));
  return answer.status;
}

async function ids(world: World): Promise<Record<string, [number, number][]>> {
  const status = await answered(world, { type: "status" });
  return Object.fromEntries(status.pools.map((pool) => [pool.name, pool.ids]));
}

describe("scaling", () => {
  test("scaling up gives a pool the lowest free ids, and queued work is placed at once", async () => {
    const world = new World({ pools, hwm: 1 });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: many(6, ok(2000)) })));
    await world.pass(100);
    await answered(world, scale("a", 4));
    expect(await ids(world)).toEqual({
      a: [
        [0, 2],
        [4, 6],
      ],
      b: [[2, 4]],
    });
    await world.pass(100);
    expect(new Set(world.starts.map(({ engine }) => engine))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    await expectSound(world, { ticks: false });
  });

  test("scaling down removes the highest ids, which finish what they hold and get no more; ids never shift", async () => {
    const world = new World({ pools, hwm: 2 });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: many(12, ok(500)) })));
    await world.pass(100);
    const status = await answered(world, scale("a", 1));
    expect(status.engines.find(({ id }) => id === 1)).toMatchObject({ state: "draining", load: 2 });
    await expectSound(world, { ticks: false });
    expect(world.starts.filter(({ engine }) => engine === 1)).toHaveLength(2);
    expect(await ids(world)).toEqual({ a: [[0, 1]], b: [[2, 4]] });
    await answered(world, scale("b", 3));
    expect(await ids(world)).toEqual({ a: [[0, 1]], b: [[1, 4]] });
    await world.until(world.submit(aJob(2, world.clock.now(), { flags: { targets: [1] } })));
    await expectSound(world);
    expect(world.engines().find(({ id }) => id === 1)).toMatchObject({ pool: "b", generation: 2 });
  });

  test("scaling an unknown pool is refused", async () => {
    const world = new World({ pools });
    const answer = await world.until(world.send(scale("c", 1)));
    expect(answer).toMatchObject({
      type: "error",
      code: "NoEnginesRegistered",
      message: expect.stringContaining("a, b"),
    });
  });

  test("three concurrent scalings lose none, and leave no removed engine open", async () => {
    const world = new World({ pools });
    await answered(world, { type: "status" });
    await Promise.all([answered(world, scale("a", 1)), answered(world, scale("b", 1)), answered(world, scale("a", 1))]);
    expect(await ids(world)).toEqual({ a: [[0, 1]], b: [[2, 3]] });
    const closed = world.engines().filter((engine) => engine.closed);
    expect(closed.map(({ id }) => id).sort()).toEqual([1, 3]);
  });
});

describe("a drained engine", () => {
  test("a drained engine finishes its tasks and gets no more, although it reports while work is queued", async () => {
    const world = new World({ pools, hwm: 1 });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: many(40, ok(100)) })));
    await world.pass(50);
    await answered(world, drain(0, 3));
    await expectSound(world, { ticks: false });
    expect(world.starts.filter(({ engine }) => engine === 0 || engine === 3)).toHaveLength(2);
    expect((await answered(world, { type: "status" })).engines.map(({ id }) => id)).toEqual([1, 2]);
  });

  test("an engine with the highest id may be drained again, while it still holds tasks and later", async () => {
    const world = new World({ pools, hwm: 1 });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: many(40, ok(100)) })));
    await world.pass(50);
    for (let time = 0; time < 2; time++) await answered(world, drain(3));
    await expectSound(world, { ticks: false });
    await answered(world, drain(3));
    const answer = await world.until(world.send(drain(3, 4)));
    expect(answer).toMatchObject({ code: "NoEnginesRegistered", message: expect.stringContaining("no engine 4; ") });
  });

  test("a drained engine cannot be a target, and the error names the engines that exist", async () => {
    const world = new World({ pools });
    await answered(world, drain(1));
    const answer = await world.until(world.submit(aJob(1, world.clock.now(), { flags: { targets: [1] } })));
    expect(answer).toMatchObject({ code: "NoEnginesRegistered", message: expect.stringContaining("0,2-3") });
  });

  test("a drained engine ends a generation, as does one whose environment died, but not one that never began", async () => {
    const world = new World({ engines: 2, faults: { crashesAfterMs: (number) => (number === 1 ? 20 : undefined) } });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: [ok(100)], flags: { retries: 1 } })));
    await world.complete();
    expect(
      world
        .engines()
        .map(({ generation }) => generation)
        .sort(),
    ).toEqual([0, 1]);
    await answered(world, drain(0));
    expect(
      world
        .engines()
        .map(({ generation }) => generation)
        .sort(),
    ).toEqual([0, 2]);
  });
});

describe("work whose engines are all gone", () => {
  test("work whose engines are all gone is impossible, with the reason; other work continues", async () => {
    const world = new World({ pools, hwm: 1 });
    const lost = aJob(1, world.clock.now(), { tasks: many(3, ok(1000)), flags: { targets: [1] } });
    const other = aJob(2, world.clock.now(), { tasks: many(3, ok(1000)), flags: { targets: "b" } });
    await world.until(world.submit(lost));
    await world.until(world.submit(other));
    await world.pass(100);
    await answered(world, drain(1));
    await world.complete(world.jobs, { ms: 10_000, ticks: false });
    expect([0, 1, 2].map((index) => world.outcomes(lost).get(index)?.[0]?.status)).toEqual([
      "ok",
      "impossible",
      "impossible",
    ]);
    expect(world.outcomes(lost).get(1)?.[0]?.error).toMatchObject({
      code: "ImpossibleDependency",
      evalue: "no engine can run it: none is left among its targets 1",
    });
    await expectRest(world);
  });

  test("a retry whose engines are all gone is impossible too", async () => {
    const world = new World({ pools, hwm: 1 });
    const job = aJob(1, world.clock.now(), {
      tasks: [{ do: "error", ms: 200 }],
      flags: { targets: [1], retries: 3 },
    });
    await world.until(world.submit(job));
    await world.pass(100);
    await answered(world, drain(1));
    await world.complete(world.jobs, { ms: 10_000, ticks: false });
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "impossible", attempt: 2 }]);
    await expectRest(world);
  });

  test("with waitForNew, work whose engines are gone or have refused it waits for new engines, which take it at once", async () => {
    const world = new World({ pools, hwm: 1 });
    const refused = aJob(1, world.clock.now(), {
      tasks: [{ do: "unmet", ms: 1, refusedBy: [0, 1, 2, 3] }],
      flags: { waitForNew: true },
    });
    await world.until(world.submit(refused));
    await world.pass(5000);
    expect(world.outcomes(refused).size).toBe(0);
    await answered(world, scale("b", 3));
    await expectSound(world, { ticks: false });
    expect(world.starts.map(({ engine }) => engine)).toEqual([4]);
  });
});

describe("the queue's status", () => {
  async function queue(world: World) {
    const answer = await world.until(world.send({ type: "queue" }));
    if (answer.type !== "queue") throw new Error(JSON.stringify(answer));
    return answer.queue;
  }

  test("the queue's status counts each task once, where it is, and no engine that is gone", async () => {
    const world = new World({ pools, hwm: 1 });
    const job = aJob(1, world.clock.now(), { tasks: many(10, ok(1000)) });
    await world.until(world.submit(job));
    await world.pass(100);
    await world.until(world.send({ type: "abort", jobs: [{ job: job.header.id, ranges: [[8, 10]] }] }));
    const { id } = job.header;
    const now = await queue(world);
    expect(now.unassigned).toEqual([{ job: id, ranges: [[4, 8]] }]);
    expect(now.waiting).toEqual([]);
    expect(now.engines.map(({ id: engine, tasks }) => [engine, tasks.length])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    await expectSound(world, { aborted: new Map([[job, [[8, 10]]]]) });
    await answered(world, drain(3));
    const after = await queue(world);
    expect(after).toMatchObject({ unassigned: [], waiting: [] });
    expect(after.engines.map(({ id: engine, completed }) => [engine, completed])).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
    ]);
  });

  test("the queue's status counts a task waiting for its retry once, and none that is over", async () => {
    const world = new World({ engines: 1 });
    const job = aJob(1, world.clock.now(), {
      tasks: [{ do: "error", ms: 1, times: 1 }],
      flags: { retries: 1, backoff: { initialMs: 5000, factor: 2, jitter: false } },
    });
    await world.until(world.submit(job));
    await world.pass(1000);
    expect(await queue(world)).toMatchObject({
      unassigned: [{ ranges: [[0, 1]] }],
      engines: [{ tasks: [], completed: 1 }],
    });
    await expectSound(world);
    expect(await queue(world)).toMatchObject({ unassigned: [], engines: [{ tasks: [], completed: 2 }] });
  });
});
