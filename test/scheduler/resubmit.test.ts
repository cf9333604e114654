import { describe, expect, test } from "vitest";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import type { ResubmitMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { aJob, type Behaviour, type Job, jobId, ok } from "../simulation/a-job.ts";
import { World } from "../simulation/world.ts";
import { expectSound } from "./sound.ts";

type Asked = Partial<ResubmitMessage> & Pick<ResubmitMessage, "jobs">;

function tasks(count: number, behaviour: Behaviour = ok(1)): Behaviour[] {
  return Array.from({ length: count }, () => behaviour);
}

function ask(world: World, message: Asked): Promise<SchedulerAnswer> {
  const defaults = { type: "resubmit", flags: {}, without: [], submitted: world.clock.now(), client: "again" } as const;
  return world.until(world.send({ ...defaults, ...message }));
}

/** Resubmits tasks of one job, and adds the new job to the world. */
async function again(
  world: World,
  old: Job,
  number: number,
  message: Partial<ResubmitMessage> = {},
  ranges?: [number, number][],
) {
  const answer = await ask(world, {
    jobs: [{ id: jobId(number), from: old.header.id, ...(ranges ? { ranges } : {}) }],
    ...message,
  });
  if (answer.type !== "resubmitted") throw new Error(JSON.stringify(answer));
  const [header] = answer.headers as [JobHeader];
  const behaviours = (ranges ?? [[0, old.header.tasks]]).flatMap(([from, to]) => old.behaviours.slice(from, to));
  const job: Job = { header, behaviours, pages: [], waits: [] };
  world.jobs.push(job);
  return job;
}

async function finished(world: World, job: Job): Promise<Job> {
  await world.until(world.submit(job));
  await world.complete();
  return job;
}

describe("a resubmission", () => {
  test("a resubmission keeps flags and label, replaces the given ones, and drops removed ones", async () => {
    const world = new World();
    const flags = { retries: 2, timeoutMs: 60_000, targets: [1], priority: 4 };
    const old = await finished(world, aJob(1, world.clock.now(), { flags, label: "census" }));
    const same = await again(world, old, 2);
    expect(same.header).toMatchObject({ flags, label: "census", shape: "apply", client: "again" });
    const other = await again(world, old, 3, { flags: { priority: 9 }, without: ["retries", "label"] });
    expect(other.header.flags).toEqual({ timeoutMs: 60_000, targets: [1], priority: 9 });
    expect(other.header.label).toBeUndefined();
    await expectSound(world);
    expect(world.starts.map(({ engine }) => engine)).toEqual([1, 1, 1]);
  });

  test("a resubmitted task that has used up its retries gets as many again", async () => {
    const world = new World();
    const failing: Behaviour = { do: "error", ms: 1 };
    const old = await finished(world, aJob(1, world.clock.now(), { tasks: [failing], flags: { retries: 2 } }));
    await again(world, old, 2);
    await expectSound(world);
    expect(world.starts).toHaveLength(6);
  });

  test("some tasks of a map can be resubmitted alone, across pages, and the two jobs are linked both ways", async () => {
    const world = new World();
    const old = await finished(world, aJob(1, world.clock.now(), { tasks: tasks(2500), pageTasks: 100 }));
    const ranges: [number, number][] = [
      [3, 5],
      [99, 102],
      [2499, 2500],
    ];
    const some = await again(world, old, 2, {}, ranges);
    expect(some.header).toMatchObject({ tasks: 6, items: 6, shape: "map", resubmitOf: { job: old.header.id, ranges } });
    const link = world.tables.peek({ pk: `job#${old.header.id}`, sk: `n#${some.header.id}` });
    expect(JSON.parse(link?.body ?? "")).toEqual({ ranges });
    await expectSound(world);
    expect(world.starts).toHaveLength(2506);
  });

  test("a large job is resubmitted part by part, completely", async () => {
    const world = new World({ engines: 8 });
    const old = await finished(world, aJob(1, world.clock.now(), { tasks: tasks(5050), pageTasks: 50 }));
    const whole = await again(world, old, 2);
    expect(whole.header.tasks).toBe(5050);
    await expectSound(world);
    expect(world.outcomes(whole).size).toBe(5050);
  });

  test("a resubmission can be resubmitted, and runs each time", async () => {
    const world = new World();
    const old = await finished(world, aJob(1, world.clock.now(), { tasks: tasks(3) }));
    const second = await again(world, old, 2, {}, [[1, 3]]);
    await world.complete();
    const third = await again(world, second, 3, {}, [[1, 2]]);
    expect(third.header.resubmitOf).toEqual({ job: second.header.id, ranges: [[1, 2]] });
    await expectSound(world);
    expect(world.starts).toHaveLength(6);
  });

  test("many scattered tasks do not enlarge the job's row, because the link lists them", async () => {
    const world = new World();
    const old = await finished(world, aJob(1, world.clock.now(), { tasks: tasks(80) }));
    const odd = Array.from({ length: 40 }, (_, at): [number, number] => [2 * at + 1, 2 * at + 2]);
    const some = await again(world, old, 2, {}, odd);
    expect(some.header.resubmitOf).toEqual({ job: old.header.id });
    expect(world.tables.peek({ pk: `job#${old.header.id}`, sk: `n#${some.header.id}` })?.body).toContain("[79,80]");
    await expectSound(world);
  });
});

test("a resubmit message that arrives twice is one resubmission", async () => {
  const world = new World();
  const old = await finished(world, aJob(1, world.clock.now(), { tasks: tasks(4) }));
  await again(world, old, 2);
  await ask(world, { jobs: [{ id: jobId(2), from: old.header.id }] });
  await expectSound(world);
  expect(world.starts).toHaveLength(8);
});

describe("a refused resubmission", () => {
  test("a resubmission of an unfinished task among finished ones is refused with its id, and nothing is written", async () => {
    const world = new World();
    const done = await finished(world, aJob(1, world.clock.now()));
    const running = aJob(2, world.clock.now(), { tasks: [ok(1), ok(5000)] });
    await world.until(world.submit(running));
    await world.pass(500);
    const answer = await ask(world, {
      jobs: [
        { id: jobId(3), from: done.header.id },
        { id: jobId(4), from: running.header.id },
      ],
    });
    expect(answer).toMatchObject({ type: "error", code: "NotFinished", taskId: `${running.header.id}.1` });
    expect(world.keys(`job#${jobId(3)}`)).toEqual([]);
    const finishedOne = await again(world, running, 5, {}, [[0, 1]]);
    expect(finishedOne.header.tasks).toBe(1);
    await expectSound(world);
  });

  test("a resubmission of a task with a pending retry is refused, and nothing is written", async () => {
    const world = new World();
    const failing: Behaviour = { do: "error", ms: 1, times: 1 };
    const flags = { retries: 1, backoff: { initialMs: 5000, factor: 2, jitter: false } };
    const job = aJob(1, world.clock.now(), { tasks: [failing], flags });
    await world.until(world.submit(job));
    await world.pass(500);
    const answer = await ask(world, { jobs: [{ id: jobId(2), from: job.header.id }] });
    expect(answer).toMatchObject({ code: "NotFinished", taskId: `${job.header.id}.0` });
    await expectSound(world);
  });

  test("a resubmission of an unknown job or task is refused, and nothing is written", async () => {
    const world = new World();
    const old = await finished(world, aJob(1, world.clock.now()));
    expect(await ask(world, { jobs: [{ id: jobId(2), from: jobId(9) }] })).toMatchObject({ code: "UnknownTask" });
    const beyond = await ask(world, { jobs: [{ id: jobId(2), from: old.header.id, ranges: [[0, 5]] }] });
    expect(beyond).toMatchObject({ code: "UnknownTask", message: expect.stringContaining(`${old.header.id}.4`) });
  });

  test("a resubmission to engines that do not exist is refused, and leaves no link", async () => {
    const world = new World();
    const old = await finished(world, aJob(1, world.clock.now()));
    const answer = await ask(world, { jobs: [{ id: jobId(2), from: old.header.id }], flags: { targets: [77] } });
    expect(answer).toMatchObject({ code: "NoEnginesRegistered" });
    expect(world.keys(`job#${old.header.id}`).filter((sk) => sk.startsWith("n#"))).toEqual([]);
  });
});
