import { expect, test } from "vitest";
import { expectRest } from "../scheduler/sound.ts";
import { aJob, type Job, ok } from "../simulation/a-job.ts";
import type { Step } from "../simulation/faults.ts";
import { TRIES_ALL } from "../simulation/tried-steps.ts";
import { World } from "../simulation/world.ts";
import { on, outcome, submitted, waitingJob } from "./waiting.ts";

const TASKS = TRIES_ALL ? 10_000 : 3000;
const BUCKETS = 100;

/** Counts the store's calls while jobs run, by verb and by kind of row: `dep` for edges, `e` for ledgers. */
async function counted(jobs: (now: number) => Job[]) {
  const calls = { all: 0, edges: 0, ledgers: 0, pages: 0 };
  const step = ({ verb, key }: Step) => {
    if (verb !== "startEngine") calls.all++;
    if (verb === "list" && key.startsWith("dep#")) calls.edges++;
    if (key.split(" ").includes("e")) calls.ledgers++;
    if (verb === "putOnce" && key.startsWith("o#")) calls.pages++;
    return undefined;
  };
  const world = new World({ engines: 2, sweeps: false, faults: { step } });
  const submittedJobs = jobs(world.clock.now());
  await submitted(world, ...submittedJobs);
  await world.complete(world.jobs, { ms: 600_000, ticks: false });
  await expectRest(world);
  for (const job of submittedJobs) expect(outcome(world, job, job.header.tasks - 1).entry.status).toBe("ok");
  return calls;
}

/** The calls of a map on which nothing depends. */
let ofMap: ReturnType<typeof counted> | undefined;
const alone = () => (ofMap ??= counted((now) => [aMap(1, now)]));

const aMap = (number: number, now: number) => aJob(number, now, { tasks: Array.from({ length: TASKS }, () => ok(1)) });

test("a map of thousands of tasks on which nothing depends reads no edges, and writes no ledger", {
  timeout: 120_000,
}, async () => {
  const calls = await alone();
  expect(calls.edges).toBe(0);
  expect(calls.ledgers).toBe(0);
  expect(calls.all / TASKS).toBeLessThan(0.1);
});

test("a task after a map of thousands costs calls by page, not by task", { timeout: 120_000 }, async () => {
  const calls = await counted((now) => {
    const map = aMap(1, now);
    return [map, waitingJob(2, now, { after: [on(map)] })];
  });
  const extra = calls.all - (await alone()).all;
  expect(calls.ledgers).toBeGreaterThan(0);
  expect(calls.edges).toBeLessThanOrEqual(3 * (calls.pages + BUCKETS));
  expect(extra).toBeLessThanOrEqual(4 * (calls.pages + BUCKETS));
});

test("a map of thousands after one task costs calls by page, not by task", { timeout: 120_000 }, async () => {
  const calls = await counted((now) => {
    const one = aJob(1, now, { tasks: [ok(200)] });
    return [one, waitingJob(2, now, { after: [on(one)] }, { tasks: aMap(2, now).behaviours })];
  });
  const extra = calls.all - (await alone()).all;
  expect(extra).toBeLessThanOrEqual(4 * (calls.pages + BUCKETS));
});
