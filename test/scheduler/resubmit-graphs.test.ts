import { expect, test } from "vitest";
import type { DependencyAtRest, WaitGroup } from "../../lambdas/protocol/dependency.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import type { ResubmitMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { aJob, type Job, jobId, OK, ok } from "../simulation/a-job.ts";
import { STEP_INTERVAL } from "../simulation/tried-steps.ts";
import { World } from "../simulation/world.ts";
import { expectRest } from "./sound.ts";

function on(job: string, from = 0, to = from + 1, more: Partial<DependencyAtRest> = {}): DependencyAtRest {
  return { on: [[job, from, to]], all: true, success: true, failure: false, ...more };
}

function after(from: number, ...dependencies: DependencyAtRest[]): WaitGroup {
  return { from, to: from + 1, after: dependencies };
}

async function resubmit(
  world: World,
  olds: readonly Job[],
  message: Partial<ResubmitMessage> & Pick<ResubmitMessage, "jobs">,
): Promise<Job[]> {
  const defaults = { type: "resubmit", flags: {}, without: [], submitted: world.clock.now(), client: "again" } as const;
  const answer: SchedulerAnswer = await world.until(world.send({ ...defaults, ...message }));
  if (answer.type !== "resubmitted") throw new Error(JSON.stringify(answer));
  const made = answer.headers.map((header): Job => {
    const old = olds.find((job) => job.header.id === header.resubmitOf?.job);
    const behaviours = (header.resubmitOf?.ranges ?? []).flatMap(([from, to]) => old?.behaviours.slice(from, to) ?? []);
    const groups = waitsOf(world, header.id);
    return { header, behaviours, pages: [], waits: groups };
  });
  world.jobs.push(...made);
  return made;
}

function waitsOf(world: World, job: string): WaitGroup[] {
  const rows = [...(world.tables.partitions.get(`job#${job}`)?.values() ?? [])].filter(({ sk }) => sk.startsWith("w#"));
  return rows.flatMap(({ body }) => (JSON.parse(body) as { groups: WaitGroup[] }).groups);
}

function statuses(world: World, job: Job | undefined): string[] {
  if (!job) throw new Error("there is no such job");
  return Array.from({ length: job.header.tasks }, (_, index) => world.outcomes(job).get(index)?.[0]?.status ?? "none");
}

/**
 * Creates an aborted parent, and what could not run because of it: a child, the child's child, and one task of a map.
 */
async function aFallenGraph(world: World): Promise<Job[]> {
  const now = world.clock.now();
  const root = aJob(1, now, { tasks: [ok(5000)] });
  const child = aJob(2, now, { waits: [after(0, on(jobId(1)))], flags: { retries: 3 }, label: "child" });
  const grandchild = aJob(3, now, { waits: [after(0, on(jobId(2)))] });
  const map = aJob(4, now, { tasks: [OK, OK, OK], waits: [after(1, on("", 0)), after(2, on(jobId(3)), on("", 1))] });
  for (const job of [root, child, grandchild, map]) await world.until(world.submit(job));
  await world.pass(200);
  await world.until(world.send({ type: "abort", jobs: [{ job: jobId(1), ranges: [[0, 1]] }] }));
  await world.complete();
  expect([root, child, grandchild, map].map((job) => statuses(world, job))).toEqual([
    ["aborted"],
    ["impossible"],
    ["impossible"],
    ["ok", "ok", "impossible"],
  ]);
  return [root, child, grandchild, map];
}

test("downstream reruns, with their flags and on the new ids, all tasks that could not run because of the task", async () => {
  const world = new World();
  const olds = await aFallenGraph(world);
  const made = await resubmit(world, olds, {
    jobs: [{ id: jobId(9), from: jobId(1), ranges: [[0, 1]] }],
    flags: { priority: 7 },
    downstream: true,
  });
  await world.complete();
  expect(made.map(({ header }) => [header.resubmitOf?.job, header.tasks])).toEqual([
    [jobId(1), 1],
    [jobId(2), 1],
    [jobId(3), 1],
    [jobId(4), 1],
  ]);
  const [, child, grandchild, map] = made;
  expect(made.map((job) => statuses(world, job))).toEqual([["ok"], ["ok"], ["ok"], ["ok"]]);
  expect(child?.header).toMatchObject({ flags: { retries: 3 }, label: "child" });
  expect(waitsOf(world, child?.header.id ?? "")).toEqual([after(0, on(jobId(9)))]);
  expect(waitsOf(world, grandchild?.header.id ?? "")).toEqual([after(0, on(child?.header.id ?? ""))]);
  // The tasks of its own job that the map's last task waited for have outcomes, and do not run again.
  expect(waitsOf(world, map?.header.id ?? "")).toEqual([after(0, on(grandchild?.header.id ?? ""), on(jobId(4), 1))]);
  await expectRest(world);
});

test("dependents stay as they are without `downstream`, and a repeated message reruns tasks once", async () => {
  const world = new World();
  const olds = await aFallenGraph(world);
  expect(await resubmit(world, olds, { jobs: [{ id: jobId(8), from: jobId(1), ranges: [[0, 1]] }] })).toHaveLength(1);
  const message = {
    jobs: [{ id: jobId(9), from: jobId(1), ranges: [[0, 1]] as [number, number][] }],
    downstream: true,
  };
  const first = await resubmit(world, olds, message);
  const second = await resubmit(world, olds, message);
  world.jobs.splice(-second.length);
  expect(second.map(({ header }) => header.id)).toEqual(first.map(({ header }) => header.id));
  await world.complete();
  expect(world.starts.filter(({ job }) => job === first[1]?.header.id)).toHaveLength(1);
  await expectRest(world);
});

test("dependencies are kept, and among tasks that run again together they lead to the new tasks", async () => {
  const world = new World();
  const now = world.clock.now();
  const parent = aJob(1, now, { tasks: [ok(50), ok(50)] });
  const child = aJob(2, now, { tasks: [OK, OK], waits: [after(0, on(jobId(1), 0, 2)), after(1, on("", 0))] });
  for (const job of [parent, child]) await world.until(world.submit(job));
  await world.complete();
  const [alone] = await resubmit(world, [parent, child], {
    jobs: [{ id: jobId(5), from: jobId(2), ranges: [[1, 2]] }],
  });
  expect(alone?.waits).toEqual([after(0, on(jobId(2), 0))]);
  const [both, newParent] = await resubmit(world, [parent, child], {
    // The child comes first, to show that the order does not matter.
    jobs: [
      { id: jobId(6), from: jobId(2), ranges: [[0, 2]] },
      { id: jobId(7), from: jobId(1), ranges: [[1, 2]] },
    ],
  });
  expect(both?.waits[0]?.after[0]?.on).toEqual([
    [jobId(1), 0, 1],
    [newParent?.header.id, 0, 1],
  ]);
  expect(both?.waits[1]).toEqual(after(1, on("", 0)));
  await world.complete();
  expect([alone, both, newParent].map((job) => statuses(world, job))).toEqual([["ok"], ["ok", "ok"], ["ok"]]);
  await expectRest(world);
});

test("a resubmission's dependencies can be replaced or removed", async () => {
  const world = new World();
  const olds = await aFallenGraph(world);
  const jobs = (id: number) => [{ id: jobId(id), from: jobId(2), ranges: [[0, 1]] as [number, number][] }];
  const [failing, freed, replaced] = [
    ...(await resubmit(world, olds, { jobs: jobs(11) })),
    ...(await resubmit(world, olds, { jobs: jobs(12), without: ["after"] })),
    ...(await resubmit(world, olds, { jobs: jobs(13), waits: { after: [on(jobId(4), 0)] } })),
  ];
  await world.complete();
  expect([failing, freed, replaced].map((job) => statuses(world, job))).toEqual([["impossible"], ["ok"], ["ok"]]);
  expect(freed?.header.free).toBeUndefined();
  expect(replaced?.waits).toEqual([after(0, on(jobId(4), 0))]);
  await expectRest(world);
});

test.each(["before", "after"] as const)(
  "the scheduler is killed %s each step of a resubmission: all run again, exactly once",
  { timeout: 120_000 },
  async (kill) => {
    for (let number = 1; ; number += STEP_INTERVAL) {
      let killed = 0;
      const world = new World({
        faults: {
          step: (step) => {
            if (step.message !== "resubmit" || step.number !== number || killed > 0) return undefined;
            killed++;
            return { kill };
          },
        },
      });
      const olds = await aFallenGraph(world);
      const started = world.starts.length;
      const jobs = [{ id: jobId(9), from: jobId(1), ranges: [[0, 1]] as [number, number][] }];
      const made = await resubmit(world, olds, { jobs, downstream: true });
      await world.complete();
      expect(made.map((job) => statuses(world, job))).toEqual([["ok"], ["ok"], ["ok"], ["ok"]]);
      await expectRest(world);
      expect(world.starts.length - started).toBe(4);
      if (killed === 0) {
        expect(number).toBeGreaterThan(10);
        return;
      }
    }
  },
);
