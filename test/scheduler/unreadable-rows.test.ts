import { describe, expect, test } from "vitest";
import {
  ENGINE_PARTITION,
  engineKey,
  jobKey,
  queuePartition,
  type RowKey,
  specPageKey,
} from "../../lambdas/protocol/rows.ts";
import { cascadeRow, delayedRow } from "../../lambdas/scheduler/rows/due-rows.ts";
import { outcome, submitted } from "../dependencies/waiting.ts";
import { aJob, type Job, ok } from "../simulation/a-job.ts";
import { World } from "../simulation/world.ts";

const NEWER = '{"$format":2}';
const DAMAGED = '{"jo';

/** Replaces the body of a row. */
function spoil(world: World, key: RowKey, body: string): void {
  const row = world.tables.peek(key);
  if (!row) throw new Error(`there is no row ${key.pk} / ${key.sk}`);
  world.tables.partitions.get(key.pk)?.set(key.sk, { ...row, body });
}

async function expectDone(world: World, ...jobs: Job[]): Promise<void> {
  await world.complete(jobs, { ms: 60_000 });
  for (const job of jobs) expect(outcome(world, job).entry.status).toBe("ok");
}

/** Returns the keys of rows that were logged as unreadable. */
function unreadable(world: World): string[] {
  const lines = world.logged.filter(({ event }) => event === "row-unreadable");
  return lines.map(({ fields }) => JSON.stringify(fields.key));
}

describe.each([
  ["damaged", DAMAGED],
  ["newer", NEWER],
])("a row that is %s", (kind, body) => {
  test("a damaged queue entry is deleted and its job queued again, and a newer one is kept", async () => {
    const world = new World({ engines: 1 });
    const now = world.clock.now();
    const [busy, spoilt, later] = [1, 2, 3].map((number) => aJob(number, now, { tasks: [ok(500)] })) as [Job, Job, Job];
    for (const job of [busy, spoilt]) await submitted(world, job);
    const [sk = ""] = world.keys(queuePartition("any"));
    const key = { pk: queuePartition("any"), sk };
    spoil(world, key, body);
    await submitted(world, later);
    await expectDone(world, busy, later);
    expect(unreadable(world)).toContain(JSON.stringify(key));
    if (kind === "damaged") await world.complete([spoilt], { ms: 300_000 });
    expect(world.keys(queuePartition("any"))).toEqual(kind === "damaged" ? [] : [sk]);
  });

  test("an unreadable due row does not keep a delayed retry from running", async () => {
    const world = new World({ engines: 1 });
    const now = world.clock.now();
    const key = cascadeRow(now, "01", 0, "0");
    await world.tables.write([
      { ...key, body },
      delayedRow(now + 1000, { job: "x", queue: "any", priority: 0, queued: now, tasks: 1, specBytes: 1 }),
    ]);
    const job = aJob(1, now, {
      tasks: [{ do: "error", ms: 1, times: 1 }],
      flags: { retries: 1, backoff: { initialMs: 3000, factor: 1, jitter: false } },
    });
    await submitted(world, job);
    await expectDone(world, job);
    expect(world.violations.every((violation) => /^due-failed: .*cannot be read/.test(violation))).toBe(true);
  });

  test("an unreadable job row is logged with its key, and other work continues", async () => {
    const world = new World({ engines: 1 });
    const now = world.clock.now();
    const [busy, spoilt, later] = [1, 2, 3].map((number) => aJob(number, now, { tasks: [ok(500)] })) as [Job, Job, Job];
    for (const job of [busy, spoilt]) await submitted(world, job);
    spoil(world, jobKey(spoilt.header.id), body);
    for (const cluster of world.clusters()) cluster.memory.jobs.headers.clear();
    await submitted(world, later);
    await expectDone(world, busy, later);
    const logged = world.logged.map(({ fields }) => JSON.stringify(fields)).join("\n");
    expect(logged).toContain(`job#${spoilt.header.id} / job cannot be read`);
  });

  test("an engine with an unreadable row gets no more tasks, and other work continues", async () => {
    const world = new World({ engines: 2 });
    const now = world.clock.now();
    const first = aJob(1, now, { tasks: [ok(1), ok(1)] });
    await submitted(world, first);
    await expectDone(world, first);
    await world.pass(5000);
    spoil(world, engineKey(0), body);
    const starts = world.starts.length;
    const later = aJob(2, now, { tasks: [ok(20), ok(20), ok(20)] });
    await submitted(world, later);
    await expectDone(world, later);
    expect(new Set(world.starts.slice(starts).map(({ engine }) => engine))).toEqual(new Set([1]));
    expect(unreadable(world)).toContain(JSON.stringify({ pk: ENGINE_PARTITION, sk: engineKey(0).sk }));
  });

  test("tasks of an unreadable spec page end with an EngineError", async () => {
    const world = new World({ engines: 1 });
    const now = world.clock.now();
    const [spoilt, later] = [1, 2].map((number) => aJob(number, now, { tasks: [ok(5)] })) as [Job, Job];
    const busy = aJob(3, now, { tasks: [ok(500)] });
    for (const job of [busy, spoilt]) await submitted(world, job);
    spoil(world, specPageKey(spoilt.header.id, 0), body);
    for (const cluster of world.clusters()) cluster.memory.jobs.specs.clear();
    await submitted(world, later);
    await expectDone(world, busy, later);
    await world.complete([spoilt], { ms: 600_000 });
    const { error } = outcome(world, spoilt).entry;
    expect(error?.code).toBe("EngineError");
  });
});
