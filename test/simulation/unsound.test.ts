import { expect, test } from "vitest";
import { bucketPartition } from "../../lambdas/protocol/rows.ts";
import { aJob, ok } from "./a-job.ts";
import { comeToRest } from "./invariants.ts";
import { unsound } from "./unsound.ts";
import { World } from "./world.ts";

/** Creates a world at rest that has run a job of two tasks. */
async function rested() {
  const world = new World();
  const job = aJob(1, world.clock.now(), { tasks: [ok(1), ok(1)] });
  await world.until(world.submit(job));
  await world.complete();
  await comeToRest(world);
  const { partitions } = world.tables;
  const pk = bucketPartition(job.header.id, 0);
  const page = [...(partitions.get(pk)?.values() ?? [])].find(({ sk }) => sk.startsWith("o#"));
  if (!page) throw new Error("the job has no outcomes");
  return { world, partitions, outcomes: partitions.get(pk), page };
}

test("the tables of a cluster at rest satisfy the invariants", async () => {
  const { world, partitions } = await rested();
  expect(unsound(partitions, world.clock.now())).toEqual([]);
});

test("unclaimed work is reported as left over", async () => {
  const world = new World();
  await world.until(world.submit(aJob(1, world.clock.now(), { tasks: [ok(60_000)] })));
  const found = unsound(world.tables.partitions, world.clock.now());
  expect(found).toContainEqual(expect.stringMatching(/^engine \d has load 1$/));
  expect(found).toContainEqual(expect.stringMatching(/^open: /));
  expect(found).toContainEqual(expect.stringMatching(/\.0 has 0 outcomes/));
});

test("a missing outcome, and one that was stored twice, are detected", async () => {
  const { world, partitions, outcomes, page } = await rested();
  outcomes?.set(`${page.sk}-again`, page);
  expect(unsound(partitions, world.clock.now())).toContainEqual(expect.stringMatching(/\.\d has 2 outcomes: ok, ok/));
  outcomes?.delete(`${page.sk}-again`);
  outcomes?.delete(page.sk);
  expect(unsound(partitions, world.clock.now())).toContainEqual(expect.stringMatching(/\.\d has 0 outcomes/));
});
