import { describe, expect, test } from "vitest";
import { jobKey, OPEN_PARTITION, scanKey } from "../../lambdas/protocol/rows.ts";
import { openJobRow } from "../../lambdas/scheduler/rows/open-job.ts";
import { aJob, type Job, jobPart, ok, submitMessage, submitParts } from "../simulation/a-job.ts";
import type { Step } from "../simulation/faults.ts";
import { World } from "../simulation/world.ts";
import { expectRest, expectSound } from "./sound.ts";

/** Creates a submission with the key of job 1. */
function keyedJob(world: World, token: string, tasks = 3, ms = 1): Job {
  const job = aJob(1, world.clock.now(), { tasks: Array.from({ length: tasks }, () => ok(ms)), pageTasks: 2 });
  return { ...job, header: { ...job.header, key: token } };
}

describe("a job whose id stands for an idempotency key", () => {
  test("a job whose id stands for an idempotency key runs once, however often its own submission is repeated", async () => {
    const world = new World();
    const job = keyedJob(world, "mine");
    expect(await world.until(world.submit(job))).toEqual({ type: "ok" });
    expect(await world.until(world.send(submitMessage(job)))).toEqual({ type: "ok" });
    await expectSound(world);
    expect(world.starts).toHaveLength(3);
  });

  test("another submission with the key gets the existing job and does not change it", async () => {
    const world = new World();
    const first = keyedJob(world, "first");
    await world.until(world.submit(first));
    const other = keyedJob(world, "second", 5, 20);
    const answer = await world.until(world.send(submitMessage(other)));
    expect(answer).toMatchObject({ type: "ok", standing: [{ key: "first", tasks: 3 }] });
    await expectSound(world);
    expect(world.starts).toHaveLength(3);
    // Also long after the job has ended.
    await world.pass(3_600_000);
    const late = await world.until(world.send(submitMessage(keyedJob(world, "third"))));
    expect(late).toMatchObject({ type: "ok", standing: [{ key: "first" }] });
    await expectRest(world);
    expect(world.starts).toHaveLength(3);
  });

  test.each([
    ["with a key", (world: World) => keyedJob(world, "mine", 3, 5_000)],
    ["without a key", (world: World) => aJob(2, world.clock.now(), { tasks: [ok(5_000), ok(5_000), ok(5_000)] })],
  ])("a repeated submission %s keeps the sweep's record of missing tasks", async (_, submission) => {
    const world = new World({ sweeps: false });
    const job = submission(world);
    await world.until(world.submit(job));
    const row = scanKey(job.header.id);
    const body = openJobRow.encode({ lost: [{ at: world.clock.now(), ranges: [[2, 3]] }] });
    await world.tables.write([{ ...row, body }]);
    await world.until(world.send(submitMessage(job)));
    expect(world.tables.peek(row)?.body).toBe(body);
    await expectSound(world);
  });

  test("a message with the key of a purged job is refused as a whole, and leaves no job unfinished", async () => {
    const world = new World();
    const purged = keyedJob(world, "first");
    await world.until(world.submit(purged));
    await expectSound(world);
    await world.until(world.send({ type: "purge", jobs: [{ job: purged.header.id }] }));
    const begun = aJob(2, world.clock.now());
    const beside: Job = { ...begun, header: { ...begun.header, key: "second" } };
    const answer = await world.until(world.send(submitMessage(beside, keyedJob(world, "third"))));
    expect(answer).toMatchObject({ type: "error", message: expect.stringContaining("was purged: use another key") });
    expect(world.tables.peek(jobKey(beside.header.id))?.state).toBe("submitting");
    await world.pass(600_000);
    expect(world.tables.peek(jobKey(beside.header.id))?.state).toBe("closed");
    expect(world.outcomes(beside).size).toBe(beside.header.tasks);
    for (const [entry] of world.outcomes(beside).values())
      expect(entry?.error).toMatchObject({
        code: "TaskAborted",
        evalue: expect.stringContaining("submit the work again under another idempotency key"),
      });
    expect([...(world.tables.partitions.get(OPEN_PARTITION)?.keys() ?? [])]).toEqual([]);
  });

  test("of two concurrent submissions with one key, one wins", async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = new World({ seed });
      const rivals = [keyedJob(world, "a", 2), keyedJob(world, "b", 4)];
      const answers = await world.until(Promise.all(rivals.map((job) => world.send(submitMessage(job)))));
      const losers = answers.filter((answer) => answer.type === "ok" && answer.standing);
      expect(losers).toHaveLength(1);
      const winner = rivals[answers.findIndex((answer) => answer.type === "ok" && !answer.standing)];
      if (!winner) throw new Error("nobody won");
      world.jobs.push(winner);
      await expectSound(world);
      expect(world.starts).toHaveLength(winner.header.tasks);
    }
  });

  test("a job whose id stands for an idempotency key accepts no part of another submission while its own are still coming", async () => {
    const world = new World();
    const job = keyedJob(world, "mine", 4);
    const [head, tail] = [job.pages.slice(0, 1), job.pages.slice(1)];
    await world.until(world.send(submitParts([jobPart(job, head, false)])));
    const answer = await world.until(world.send(submitMessage(keyedJob(world, "other", 4, 50))));
    expect(answer).toMatchObject({ standing: [{ key: "mine" }] });
    expect(world.starts).toEqual([]);
    world.jobs.push(job);
    await world.until(world.send(submitParts([jobPart(job, tail, true)])));
    await expectSound(world);
    expect(world.starts).toHaveLength(4);
  });

  test.each([
    ["before its content was written", 1],
    ["after its first part", 2],
  ])("another client with the same work completes a submission whose client and scheduler died %s", async (_, puts) => {
    let left = puts;
    const step = ({ verb, key }: Step) =>
      verb === "putOnce" && key === "job" && --left === 0 ? ({ kill: "after" } as const) : undefined;
    const world = new World({ faults: { step } });
    const job = keyedJob(world, "digest", 4);
    const [head, tail] = [job.pages.slice(0, 1), job.pages.slice(1)];
    const sent = world.scheduler(submitParts([jobPart(job, head, false)]));
    await world.until(sent.catch(() => {}));
    expect(world.tables.peek(jobKey(job.header.id))?.state).toBe("submitting");
    await world.pass(30_000);
    const twin: Job = { ...job, header: { ...job.header, client: "another", submitted: world.clock.now() } };
    expect(await world.until(world.send(submitParts([jobPart(twin, head, false)])))).toMatchObject({ type: "ok" });
    const answer = await world.until(world.send(submitParts([jobPart(twin, tail, true)])));
    expect(answer).toMatchObject({ standing: [{ client: job.header.client, submitted: job.header.submitted }] });
    world.jobs.push(job);
    await expectSound(world);
    expect(world.starts).toHaveLength(4);
    const late: Job = { ...twin, header: { ...twin.header, client: "a third" } };
    expect(await world.until(world.send(submitMessage(late)))).toMatchObject({ standing: [{ key: "digest" }] });
    await expectSound(world);
    expect(world.starts).toHaveLength(4);
  });

  test("of several jobs in one message, only the one whose key is taken keeps its first submission", async () => {
    const world = new World();
    await world.until(world.submit(keyedJob(world, "first")));
    const plain = aJob(2, world.clock.now());
    world.jobs.push(plain);
    const answer = await world.until(world.send(submitMessage(keyedJob(world, "second"), plain)));
    expect(answer).toMatchObject({ standing: [{ key: "first" }] });
    await expectSound(world);
    expect(world.starts).toHaveLength(4);
  });
});
