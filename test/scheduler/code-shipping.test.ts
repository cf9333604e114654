import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import type { SchedulerMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { aJob, type Job, jobId, jobPart, ok, submitMessage, UNIT } from "../simulation/a-job.ts";
import { World, type WorldSettings } from "../simulation/world.ts";
import { kept, PuppetEngine } from "./puppet-engine.ts";

const OFF = { shipping: false, functions: ["double", "halve"] };
/** Settings that a test changes, as a deployment would. */
const ON = () => ({ shipping: true, functions: [] as string[] });

/** Creates a job with a deployed function. */
function deployedJob(number: number, now: number, name: string, checks: string[] = []): Job {
  const job = aJob(number, now, { tasks: [ok(1), ok(1)] });
  const asked = checks.map((deployed) => ({ deployed, args: "J[]" }));
  const fn = { deployed: name, ...(asked.length > 0 ? { checks: asked } : {}) };
  return { ...job, pages: job.pages.map(([first, page]) => [first, { ...page, functions: [fn] }]) };
}

const withoutUnits = (job: Job) => ({ ...submitMessage(job), units: [] });
/** Returns the keys of all rows. */
const everything = (world: World) =>
  [...world.tables.partitions].flatMap(([pk, rows]) => [...rows.keys()].map((sk) => `${pk} ${sk}`)).sort();

describe("a message with code to a cluster without code shipping", () => {
  const push = (value: unknown, units: unknown[] = []) => ({
    type: "push",
    units,
    values: [{ name: "f", engines: [0], value }],
  });
  const unit = { hash: UNIT, body: "c2ltdWxhdGVk" };
  const refusals: [string, (world: World) => unknown, string][] = [
    ["a job of code", (world) => withoutUnits(aJob(1, world.clock.now())), "CodeShippingOff"],
    [
      "a part of a job of code",
      (world) => {
        const job = aJob(1, world.clock.now(), { tasks: [ok(1), ok(1)], pageTasks: 1 });
        return { type: "submit", units: [], jobs: [jobPart(job, job.pages.slice(0, 1), false)] };
      },
      "CodeShippingOff",
    ],
    [
      "a code unit beside a deployed function",
      (world) => submitMessage(deployedJob(1, world.clock.now(), "double")),
      "CodeShippingOff",
    ],
    [
      "a function that was not deployed",
      (world) => withoutUnits(deployedJob(1, world.clock.now(), "duble")),
      "UnknownFunction",
    ],
    [
      "a method of objects",
      (world) => withoutUnits(deployedJob(1, world.clock.now(), "constructor")),
      "UnknownFunction",
    ],
    [
      "a predicate that was not deployed",
      (world) => withoutUnits(deployedJob(1, world.clock.now(), "double", ["isFast"])),
      "UnknownFunction",
    ],
    ["a push of code", () => push({ fn: { code: UNIT, at: "blob", name: "f" } }), "CodeShippingOff"],
    ["a push of a value with a code unit beside it", () => push("J1", [unit]), "CodeShippingOff"],
    ["a push of a function that was not deployed", () => push({ fn: { deployed: "third" } }), "UnknownFunction"],
  ];
  test.each(refusals)(
    "a cluster without code shipping refuses %s with a typed error, and writes nothing",
    async (_, message, code) => {
      const world = new World({ sweeps: false, code: OFF });
      expect(await world.until(world.scheduler(message(world)))).toMatchObject({ type: "error", code });
      expect(everything(world)).toEqual([]);
    },
  );

  test("a resubmission of tasks with sent code is refused, in one part or many", async () => {
    const world = await changed();
    for (const number of [1, 2]) {
      const before = everything(world);
      const message = { type: "resubmit", jobs: [{ id: jobId(9), from: jobId(number) }], flags: {}, without: [] };
      const answer = await world.until(world.scheduler({ ...message, submitted: world.clock.now(), client: "again" }));
      expect(answer).toMatchObject({ type: "error", code: "CodeShippingOff" });
      expect(everything(world)).toEqual(before);
    }
  });
});

/** Creates a world in which jobs with sent code ended before code shipping was turned off. */
async function changed(): Promise<World> {
  const code = ON();
  const world = new World({ sweeps: false, code });
  await world.until(world.submit(aJob(1, world.clock.now())));
  await world.until(world.submit(aJob(2, world.clock.now(), { tasks: Array.from({ length: 2500 }, () => ok(0)) })));
  await world.complete();
  await world.pass(1000);
  Object.assign(code, OFF);
  return world;
}

test("a cluster without code shipping never stores code, whatever is submitted or pushed", async () => {
  const code = { code: UNIT, at: "table" as const, name: "f" };
  const reference = fc.oneof(
    fc.constantFrom({ deployed: "double" }, { deployed: "halve", checks: [{ deployed: "double", args: "J[]" }] }),
    fc.constantFrom(code, { ...code, at: "blob" as const }, { ...code, uses: ["double"] }, { ...code, classes: code }),
    fc.constantFrom(
      { ...code, deployed: "double" },
      { deployed: "double", data: "J1" },
      { deployed: "a b" },
      { deployed: "third" },
    ),
  );
  const units = fc.array(fc.constant({ hash: UNIT, body: "c2ltdWxhdGVk" }), { maxLength: 1 });
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(reference, { minLength: 1, maxLength: 3 }),
      units,
      fc.boolean(),
      async (functions, sent, pushes) => {
        const world = new World({ sweeps: false, code: OFF });
        const job = aJob(1, world.clock.now(), { tasks: functions.map(() => ok(1)) });
        const tasks = functions.map((_, at): [number, string] => [at, '{"do":"ok","ms":1}']);
        const values = functions.map((fn, at) => ({ name: `f${at}`, engines: [0], value: { fn } }));
        const message = pushes
          ? { type: "push", units: sent, values }
          : {
              type: "submit",
              units: sent,
              jobs: [{ header: job.header, pages: [[0, { functions, tasks }]], last: true }],
            };
        const answer = await world.until(world.scheduler(message));
        if (answer.type === "ok") taken++;
        else expect(everything(world)).toEqual([]);
        expect(JSON.stringify([...world.tables.partitions].map(([, rows]) => [...rows.values()]))).not.toContain(UNIT);
      },
    ),
    { numRuns: 300, seed: 5 },
  );
  expect(taken).toBeGreaterThan(10);
});

describe("a cluster without code shipping", () => {
  test("a cluster without code shipping runs deployed functions", async () => {
    const world = new World({ sweeps: false, code: OFF });
    const job = deployedJob(1, world.clock.now(), "double", ["halve"]);
    world.jobs.push(job);
    expect(await world.until(world.scheduler(withoutUnits(job)))).toEqual({ type: "ok" });
    await world.complete();
    expect(world.outcomes(job).get(1)).toMatchObject([{ status: "ok" }]);
  });

  test("the status of a cluster without code shipping says so, with the names of the functions", async () => {
    const world = new World({ sweeps: false, code: OFF });
    const answer = await world.until(world.scheduler({ type: "status" }));
    expect(answer).toMatchObject({ status: { code: OFF } });
  });

  test("a cluster without code shipping accepts neither code nor unknown names from its own tasks", async () => {
    const { world, puppet } = await withPuppet(OFF);
    const ask = (message: unknown) =>
      world.until(world.report({ type: "ask", ...puppet.who, parent: taskId(jobId(1), 0), message }));
    const child = aJob(2, world.clock.now());
    expect(await ask(withoutUnits(child))).toMatchObject({ answer: { type: "error", code: "CodeShippingOff" } });
    const unknown = withoutUnits(deployedJob(2, world.clock.now(), "third"));
    expect(await ask(unknown)).toMatchObject({ answer: { type: "error", code: "UnknownFunction" } });
    expect([...world.tables.partitions.keys()].some((pk) => pk.includes(jobId(2)))).toBe(false);
    expect(await ask(withoutUnits(deployedJob(2, world.clock.now(), "halve")))).toMatchObject({
      answer: { type: "ok" },
    });
  });

  test("engines get no code that was sent earlier, neither with a lease nor on request", async () => {
    const code = ON();
    const { world, puppet } = await withPuppet(code);
    Object.assign(code, OFF);
    await puppet.begin();
    expect(puppet.lease?.functions).toMatchObject([{ code: UNIT }]);
    const fetch = () => world.until(world.report({ type: "fetch", ...puppet.who, units: [UNIT] }));
    expect(await fetch()).toEqual({ type: "units", units: [] });
    const again = await world.until(world.report({ type: "begin", ...puppet.who, have: [] }));
    expect(again).toMatchObject({ type: "began", grant: { units: [] } });
    Object.assign(code, ON());
    expect(await fetch()).toMatchObject({ units: [{ hash: UNIT }] });
  });
});

/** Creates a world whose first engine, played by hand, is about to run a task of job 1. */
async function withPuppet(code: NonNullable<WorldSettings["code"]>) {
  const events: EngineEvent[] = [];
  const world = new World({ engines: 1, sweeps: false, environments: 1, code, faults: kept(events) });
  const message: SchedulerMessage = code.shipping
    ? submitMessage(aJob(1, world.clock.now()))
    : withoutUnits(deployedJob(1, world.clock.now(), "double"));
  await world.until(world.scheduler(message));
  const [event] = events;
  if (!event) throw new Error("no engine was started");
  const puppet = new PuppetEngine(world, event);
  if (!code.shipping) await puppet.begin();
  return { world, puppet };
}
