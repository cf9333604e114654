import { describe, expect, test } from "vitest";
import { dayKey, jobKey } from "../../lambdas/protocol/rows.ts";
import { aJob, type Job, ok, submitMessage } from "../simulation/a-job.ts";
import { World } from "../simulation/world.ts";
import { expectSound } from "./sound.ts";

/** Returns the rows of all partitions that name the job. */
function rowsOf(world: World, { header: { id } }: Job): string[] {
  return [...world.tables.partitions].flatMap(([pk, rows]) =>
    [...rows.keys()].map((sk) => `${pk}/${sk}`).filter((key) => key.includes(id)),
  );
}

async function ended(world: World, job: Job): Promise<Job> {
  await world.until(world.submit(job));
  await expectSound(world);
  return job;
}

const purge = (world: World, job: Job, ranges?: [number, number][]) =>
  world.until(world.send({ type: "purge", jobs: [{ job: job.header.id, ...(ranges ? { ranges } : {}) }] }));

describe("purge", () => {
  test("purge deletes every row of a job, and can be repeated", async () => {
    const world = new World();
    const tasks = Array.from({ length: 1500 }, () => ok(1));
    const job = await ended(world, aJob(1, world.clock.now(), { tasks }));
    const other = await ended(world, aJob(2, world.clock.now()));
    expect(rowsOf(world, job).length).toBeGreaterThan(20);
    expect(await purge(world, job)).toEqual({ type: "ok" });
    expect(rowsOf(world, job)).toEqual([]);
    expect(await purge(world, job)).toEqual({ type: "ok" });
    expect(rowsOf(world, other)).toContain(`${jobKey(other.header.id).pk}/job`);
    expect(world.violations).toEqual([]);
  });

  test("purging some tasks of a job records them, and purging the last of them deletes the rows", async () => {
    const world = new World();
    const job = await ended(world, aJob(1, world.clock.now(), { tasks: [ok(1), ok(1), ok(1)] }));
    await purge(world, job, [[1, 2]]);
    expect(world.tables.peek(jobKey(job.header.id))?.purged).toEqual(["1-2"]);
    await purge(world, job, [
      [0, 1],
      [2, 3],
    ]);
    expect(rowsOf(world, job)).toEqual([]);
    const { pk } = dayKey(new Date(job.header.submitted).toISOString(), "");
    expect([...(world.tables.partitions.get(pk)?.keys() ?? [])]).toEqual([]);
  });

  test("purge deletes nothing of an unfinished job, and names the task", async () => {
    const world = new World({ engines: 1, hwm: 1 });
    const done = await ended(world, aJob(1, world.clock.now()));
    const running = aJob(2, world.clock.now(), { tasks: [ok(1), ok(10_000)] });
    await world.until(world.submit(running));
    await world.pass(1000);
    const jobs = [done, running].map(({ header: { id } }) => ({ job: id }));
    const answer = await world.until(world.send({ type: "purge", jobs }));
    expect(answer).toMatchObject({ type: "error", code: "NotFinished", taskId: `${running.header.id}.1` });
    expect(rowsOf(world, done).length).toBeGreaterThan(0);
    expect(await purge(world, running, [[0, 1]])).toEqual({ type: "ok" });
    await expectSound(world);
  });

  test("purge leaves an idempotency key taken, so late parts under it do not run", async () => {
    const world = new World();
    const plan = aJob(1, world.clock.now());
    const job = await ended(world, { ...plan, header: { ...plan.header, key: "first" } });
    await purge(world, job);
    expect(rowsOf(world, job)).toEqual([`${jobKey(job.header.id).pk}/job`]);
    const late = submitMessage({ ...plan, header: { ...plan.header, key: "second" } });
    expect(await world.until(world.send(late))).toMatchObject({ type: "error", code: "Refused" });
    await world.pass(1000);
    expect(world.starts).toHaveLength(1);
    expect(rowsOf(world, job)).toHaveLength(1);
  });
});
