import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { jobKey } from "../../lambdas/protocol/rows.ts";
import { aJob, type Behaviour, type Job, ok, submitMessage, submitParts } from "../simulation/a-job.ts";
import type { Faults, Step, StepFault } from "../simulation/faults.ts";
import { leftOver } from "../simulation/invariants.ts";
import { triedSteps } from "../simulation/tried-steps.ts";
import { failureRecord, World, type WorldSettings } from "../simulation/world.ts";
import { kept, PuppetEngine } from "./puppet-engine.ts";
import { expectRest, expectSound } from "./sound.ts";

/** Injects a fault at the first matching step only. */
function once(fits: (step: Step) => boolean, fault: StepFault): Faults & { happened: boolean } {
  const faults = {
    happened: false,
    step(step: Step) {
      if (faults.happened || !fits(step)) return undefined;
      faults.happened = true;
      return fault;
    },
  };
  return faults;
}

function tasks(count: number, behaviour: Behaviour = ok(1)): Behaviour[] {
  return Array.from({ length: count }, () => behaviour);
}

async function submitted(world: World, ...jobs: Job[]): Promise<void> {
  expect(await world.until(world.submit(...jobs))).toEqual({ type: "ok" });
}

const isPage = ({ verb, key }: Step) => verb === "putOnce" && key.startsWith("o#");

test("if an invocation runs out of memory in a late lease, the current lease is revoked, although the failure record contains the first event", async () => {
  const world = new World({ engines: 1, hwm: 1 });
  const behaviours = tasks(70);
  behaviours[56] = { do: "die", ms: 1 };
  const job = aJob(1, world.clock.now(), { tasks: behaviours });
  await submitted(world, job);
  await expectSound(world);
  expect(world.crashes).toBe(1);
  expect(world.starts).toHaveLength(70);
  expect(world.outcomes(job).get(56)?.[0]).toMatchObject({ status: "lost", error: { code: "EngineError" } });
  expect([...world.outcomes(job).values()].filter(([entry]) => entry?.status === "ok")).toHaveLength(69);
});

test("if an event is delivered twice, the second invocation is refused before it runs anything", async () => {
  const world = new World({ engines: 1, faults: { deliveries: () => [5, 5] } });
  await submitted(world, aJob(1, world.clock.now(), { tasks: tasks(30, ok(20)) }));
  await expectSound(world);
  expect(world.starts).toHaveLength(30);
});

describe("tasks that a scheduler claimed before it died are requeued after two sweeps", () => {
  test("tasks claimed by a submit that assigns its job at once are requeued", async () => {
    const faults = once(({ message, verb, key }) => message === "submit" && verb === "putOnce" && key === "job", {
      kill: "after",
    });
    const world = new World({ hwm: 0, faults });
    await submitted(world, aJob(1, world.clock.now(), { tasks: tasks(25) }));
    await expectSound(world, { ms: 250_000 });
    expect(faults.happened).toBe(true);
    expect(world.starts).toHaveLength(25);
  });

  test("tasks claimed from the queue are requeued", async () => {
    const faults = once(({ verb, key }) => verb === "claim" && key === "job", { kill: "after" });
    const world = new World({ hwm: 0, faults });
    await submitted(world, aJob(1, world.clock.now(), { tasks: tasks(25) }), aJob(2, world.clock.now()));
    await expectSound(world, { ms: 250_000 });
    expect(faults.happened).toBe(true);
    expect(world.starts).toHaveLength(26);
  });

  test("tasks claimed by a report for the next lease are requeued", async () => {
    const faults = once(({ message, verb }) => message === "report" && verb === "claim", { kill: "after" });
    const world = new World({ engines: 1, faults });
    await submitted(world, aJob(1, world.clock.now(), { tasks: tasks(25) }));
    await expectSound(world, { ms: 250_000 });
    expect(faults.happened).toBe(true);
    expect(world.starts).toHaveLength(25);
  });
});

test("a stalled report of a lease that was revoked meanwhile writes nothing when it continues", async () => {
  const events: EngineEvent[] = [];
  const faults: Faults = {
    ...once((step) => step.message === "report" && isPage(step), { stallMs: 20_000, when: "before" }),
    deliveries: (event) => {
      events.push(event);
      return events.length === 1 ? [] : [5];
    },
  };
  const world = new World({ engines: 1, hwm: 3, faults });
  const job = aJob(1, world.clock.now(), { tasks: tasks(3) });
  await submitted(world, job);
  const [event] = events;
  if (!event) throw new Error("no engine was started");
  const puppet = new PuppetEngine(world, event);
  await puppet.begin();
  const late = world.report(puppet.message());
  await world.pass(100);
  await world.until(world.report(failureRecord(event, "killed")));
  await world.complete([job], { ms: 10_000, ticks: false });
  expect(world.starts.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
  expect(await world.until(late)).toMatchObject({ type: "refused" });
  await expectSound(world);
});

describe("the scheduler dies right after writing an outcome page, and the engine is gone too", () => {
  test.each([
    ["reported by a failure record", [10]],
    ["found by the sweep", []],
  ])(
    "a report whose scheduler died right after the page is completed from the page, if the death of its engine is %s",
    async (_, records) => {
      const faults: Faults = {
        ...once((step) => step.message === "report" && isPage(step), { kill: "after" }),
        records: () => records,
      };
      const world = new World({ engines: 2, hwm: 3, timeoutSeconds: 30, faults });
      const behaviours: Behaviour[] = [ok(1), { do: "error", ms: 1, times: 1 }, ok(1)];
      const job = aJob(1, world.clock.now(), { tasks: behaviours, flags: { targets: [0], retries: 1 } });
      await submitted(world, job);
      const done = world.clock.run(() => world.fleet.killed > 0, world.clock.now() + 10_000);
      expect(await done).toBe(true);
      for (const live of world.invocations.values()) for (const invocation of live) invocation.crash("gone");
      await expectSound(world, { ms: 120_000 });
      expect(world.starts).toHaveLength(4);
      expect(world.outcomes(job).get(1)?.[0]).toMatchObject({ status: "ok", attempt: 2 });
    },
  );
});

test("a report that is repeated because its answer was lost is answered with the same next lease", async () => {
  const events: EngineEvent[] = [];
  const world = new World({ engines: 1, hwm: 2, faults: kept(events) });
  await submitted(world, aJob(1, world.clock.now(), { tasks: tasks(4) }));
  const [event] = events;
  if (!event) throw new Error("no engine was started");
  const puppet = new PuppetEngine(world, event);
  await puppet.begin();
  const message = puppet.message();
  const first = await world.until(world.report(message));
  const pages = world.pages(world.jobs[0] as Job).length;
  expect(first).toMatchObject({ type: "lease", grant: { seq: 2 } });
  for (let times = 0; times < 3; times++) expect(await world.until(world.report(message))).toEqual(first);
  expect(world.pages(world.jobs[0] as Job)).toHaveLength(pages);
  puppet.lease = first.type === "lease" ? first.grant : undefined;
  expect(await puppet.report()).toEqual({ type: "idle" });
  await expectSound(world);
});

describe("an engine that goes idle while work is submitted", () => {
  const STEPS = 16;
  test.each([1, 2, "adaptive"] as const)(
    "work submitted while an engine goes idle runs, whatever the order of steps: hwm %s",
    async (hwm) => {
      for (const stalled of ["report", "submit"])
        for (const number of triedSteps(STEPS))
          for (const after of [0, 12, 60]) {
            const faults: Faults = {
              step: (step) =>
                step.message === stalled && step.number === number ? { stallMs: 50, when: "before" } : undefined,
            };
            const world = new World({ engines: 1, hwm, faults, sweeps: false, seed: number });
            const long = hwm === 2 ? [ok(1), ok(1)] : [ok(1)];
            await submitted(world, aJob(1, world.clock.now(), { tasks: long }));
            await world.pass(after);
            await submitted(world, aJob(2, world.clock.now()), aJob(3, world.clock.now(), { flags: { targets: [0] } }));
            await world.complete(world.jobs, { ms: 2000, ticks: false });
            await world.pass(200);
            expect(world.violations).toEqual([]);
            expect(leftOver(world).filter((text) => !text.startsWith("open"))).toEqual([]);
          }
    },
  );
});

test("a retry runs at once on another engine if all engines are idle", async () => {
  const world = new World({ engines: 3, hwm: 1, sweeps: false });
  const job = aJob(1, world.clock.now(), { tasks: [{ do: "error", ms: 1, times: 2 }], flags: { retries: 2 } });
  await submitted(world, job);
  await world.complete([job], { ms: 500, ticks: false });
  expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok", attempt: 3 }]);
  const engines = world.starts.map(({ engine }) => engine);
  expect(engines[1]).not.toBe(engines[0]);
  expect(engines[2]).not.toBe(engines[1]);
});

describe("a slow submit that is repeated", () => {
  test.each([1, 30])(
    "a submit of %i tasks that is repeated after its tasks have ended runs nothing twice",
    async (count) => {
      const world = new World({ engines: 2 });
      const job = aJob(1, world.clock.now(), { tasks: tasks(count) });
      await submitted(world, job);
      await world.complete();
      expect(await world.until(world.send(submitMessage(job)))).toEqual({ type: "ok" });
      await expectSound(world);
      expect(await world.until(world.send(submitMessage(job)))).toEqual({ type: "ok" });
      await expectSound(world);
      expect(world.starts).toHaveLength(count);
    },
  );

  test("a submit that is repeated while the first one is still being handled runs nothing twice", async () => {
    const faults = once(({ message, number }) => message === "submit" && number === 5, {
      stallMs: 5000,
      when: "after",
    });
    const world = new World({ engines: 2, faults });
    const job = aJob(1, world.clock.now(), { tasks: tasks(30, ok(10)) });
    world.jobs.push(job);
    const first = world.scheduler(submitMessage(job));
    await world.pass(300);
    expect(await world.until(world.scheduler(submitMessage(job)))).toEqual({ type: "ok" });
    expect(await world.until(first)).toEqual({ type: "ok" });
    await expectSound(world);
    expect(world.starts).toHaveLength(30);
  });
});

describe("a submit that dies between specs and queue entry", () => {
  test("a submit that died between specs and queue entry is completed when the client repeats it", async () => {
    const faults = once(({ message, verb }) => message === "submit" && verb === "write", { kill: "after" });
    const world = new World({ faults });
    await submitted(world, aJob(1, world.clock.now(), { tasks: tasks(10) }));
    await expectSound(world, { ms: 5000 });
    expect(world.starts).toHaveLength(10);
  });

  test("a job whose last part never arrives ends with a typed error after two minutes", async () => {
    const world = new World();
    const job = aJob(1, world.clock.now(), { tasks: tasks(2500), pageTasks: 100 });
    world.jobs.push(job);
    const some = { header: job.header, pages: job.pages.slice(0, 5), last: false };
    await world.until(world.send(submitParts([some])));
    await world.pass(100_000);
    expect(world.outcomes(job).size).toBe(0);
    await world.complete([job], { ms: 100_000 });
    for (const entries of world.outcomes(job).values())
      expect(entries).toMatchObject([
        { status: "aborted", error: { code: "TaskAborted", evalue: expect.stringContaining("submit") } },
      ]);
    await expectRest(world);
    // The client's last part arrives too late, so nothing runs.
    await world.until(world.send(submitParts([{ ...some, last: true }])));
    await expectRest(world);
    expect(world.starts).toEqual([]);
    expect([...world.outcomes(job).values()].every((entries) => entries.length === 1)).toBe(true);
  });

  test("a job whose last part never arrives ends although the sweep that ends it dies at any step", async () => {
    for (const number of triedSteps(40)) {
      const faults = once((step) => step.message === "sweep" && step.number === number && world.clock.now() > late, {
        kill: "after",
      });
      const world: World = new World({ faults });
      const late = world.clock.now() + 121_000;
      const job = aJob(1, world.clock.now(), { tasks: tasks(30), pageTasks: 10 });
      world.jobs.push(job);
      await world.until(world.send(submitParts([{ header: job.header, pages: job.pages.slice(0, 1), last: false }])));
      await world.until(world.send({ type: "abort", jobs: [{ job: job.header.id, ranges: [[5, 9]] }] }));
      await world.complete([job], { ms: 400_000, ticks: false });
      await expectRest(world);
      expect([...world.outcomes(job).values()].every((entries) => entries.length === 1)).toBe(true);
      if (!faults.happened) return;
    }
  });
});

test("a retry whose queue entry is written again after it was consumed runs once", async () => {
  const world = new World({ engines: 2, hwm: 1 });
  const job = aJob(1, world.clock.now(), {
    tasks: [{ do: "error", ms: 50, times: 1 }, ok(400), ok(400)],
    flags: { retries: 1 },
  });
  await submitted(world, job);
  const hasEntry = () => world.queueEntries().some(({ requeued }) => requeued !== undefined);
  expect(await world.clock.run(hasEntry, world.clock.now() + 10_000)).toBe(true);
  const [partition] = [...world.tables.partitions].filter(([pk]) => pk.startsWith("q#any"));
  const row = [...(partition?.[1].values() ?? [])].find(({ sk }) => sk.includes("#r"));
  if (!row) throw new Error("the retry has no queue entry");
  await world.complete();
  await world.tables.write([row]);
  await world.until(world.send({ type: "tick" }));
  await expectSound(world);
  expect(world.starts).toHaveLength(4);
});

describe("an abort of tasks that are being claimed or run", () => {
  const range = [10, 20] as const;
  const abort = (job: Job) => ({ type: "abort", jobs: [{ job: job.header.id, ranges: [range] }] });

  test("tasks aborted ahead of the cursor end at once, and never start", async () => {
    const world = new World({ engines: 1, hwm: 1 });
    const job = aJob(1, world.clock.now(), { tasks: tasks(25, ok(100)) });
    await submitted(world, job);
    await world.pass(50);
    await world.until(world.send(abort(job)));
    for (let index = range[0]; index < range[1]; index++)
      expect(world.outcomes(job).get(index)).toMatchObject([{ status: "aborted" }]);
    await expectSound(world, { aborted: new Map([[job, [range]]]) });
    expect(world.starts.map(({ index }) => index)).toEqual([...Array(10).keys(), 20, 21, 22, 23, 24]);
  });

  test("tasks aborted at any step of their claim end once", async () => {
    for (const number of triedSteps(14))
      for (const when of ["before", "after"] as const) {
        const faults = once((step) => step.message === "submit" && step.number === number, { stallMs: 500, when });
        const world = new World({ engines: 1, hwm: 25, faults });
        const job = aJob(1, world.clock.now(), { tasks: tasks(25, ok(300)) });
        const other = aJob(2, world.clock.now());
        world.jobs.push(job, other);
        const answer = world.scheduler(submitMessage(job, other));
        await world.pass(200);
        const wasThere = world.tables.peek(jobKey(job.header.id)) !== undefined;
        await world.until(world.send(abort(job)));
        await world.until(answer);
        await expectSound(world, { aborted: new Map([[job, [range]]]) });
        const aborted = [...world.outcomes(job).values()].filter(([entry]) => entry?.status === "aborted").length;
        expect(aborted).toBe(wasThere ? 10 : 0);
      }
  });

  test("tasks aborted while they run are ended by their engine after its next heartbeat", async () => {
    const world = new World({ engines: 1, hwm: 25 });
    const job = aJob(1, world.clock.now(), { tasks: tasks(25, ok(700)) });
    await submitted(world, job);
    await world.pass(8 * 700);
    await world.until(world.send(abort(job)));
    await expectSound(world, { aborted: new Map([[job, [range]]]) });
    const aborted = [...world.outcomes(job).values()].filter(([entry]) => entry?.status === "aborted").length;
    expect(aborted).toBeGreaterThan(0);
    for (let index = 20; index < 25; index++) expect(world.outcomes(job).get(index)).toMatchObject([{ status: "ok" }]);
  });
});

describe("an engine whose event is lost, late or throttled", () => {
  const attended: [string, Faults][] = [
    ["lost", { deliveries: (_, number) => (number === 1 ? [] : [5]) }],
    ["throttled", { throttles: (_, number) => number === 1 }],
    ["minutes late", { deliveries: (_, number) => (number === 1 ? [180_000] : [5]) }],
  ];
  test.each(attended)(
    "an engine whose event was %s is invoked again by the tick of a waiting client",
    async (_, faults) => {
      const world = new World({ engines: 1, faults, sweeps: false });
      const job = aJob(1, world.clock.now());
      await submitted(world, job);
      const start = world.clock.now();
      await world.complete([job], { ms: 10_000 });
      expect(world.clock.now() - start).toBeLessThan(7000);
      await world.pass(200_000);
      expect(world.starts).toHaveLength(1);
      expect(world.violations).toEqual([]);
    },
  );

  test.each(attended)(
    "an engine whose event was %s is invoked again by the sweep if nobody waits",
    async (_, faults) => {
      const world = new World({ engines: 1, faults });
      await submitted(world, aJob(1, world.clock.now()));
      await expectSound(world, { ticks: false, ms: 61_000 });
    },
  );

  test("after three failed invocations of their engine, tasks go to another engine and keep their attempts", async () => {
    const world = new World({ engines: 2, faults: { deliveries: (event) => (event.engine === 0 ? [] : [5]) } });
    const job = aJob(1, world.clock.now());
    await submitted(world, job);
    await expectSound(world);
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok", attempt: 1 }]);
    expect(world.starts.map(({ engine }) => engine)).toEqual([1]);
  });
});

test("two schedulers that change one engine's row at the same time both keep their work", async () => {
  for (const number of triedSteps(8))
    for (const hwm of [2, 3, 0] as const) {
      const faults: Faults = {
        step: ({ message, number: at }) =>
          message === "report" && at === number ? { stallMs: 40, when: "before" } : undefined,
      };
      const settings: WorldSettings = { engines: 1, hwm, faults, sweeps: false };
      const world = new World(settings);
      await submitted(world, aJob(1, world.clock.now(), { tasks: tasks(2, ok(5)) }));
      for (let other = 2; other < 6; other++) {
        await world.pass(25);
        await submitted(world, aJob(other, world.clock.now(), { tasks: tasks(2, ok(5)) }));
      }
      await world.complete(world.jobs, { ms: 5000, ticks: false });
      expect(world.violations).toEqual([]);
      expect(world.starts).toHaveLength(10);
    }
});

describe("a queued task whose timeout passes while nothing else happens", () => {
  const aBusyWorld = async (settings: WorldSettings = {}) => {
    const world = new World({ engines: 1, hwm: 1, timeoutSeconds: 600, ...settings });
    await submitted(world, aJob(1, world.clock.now(), { tasks: [ok(200_000)] }));
    const waiting = aJob(2, world.clock.now(), { flags: { timeoutMs: 300 } });
    await submitted(world, waiting);
    return { world, waiting };
  };

  test("a queued task that has timed out is ended by the tick of a waiting client", async () => {
    const { world, waiting } = await aBusyWorld();
    await world.pass(310);
    await world.until(world.send({ type: "tick" }));
    expect(world.outcomes(waiting).get(0)).toMatchObject([{ status: "timeout", error: { code: "TaskTimeout" } }]);
    await expectSound(world, { ms: 250_000 });
    expect(world.starts).toHaveLength(1);
  });

  test("a tick before the timeout does not end a queued task", async () => {
    const { world, waiting } = await aBusyWorld();
    await world.pass(200);
    await world.until(world.send({ type: "tick" }));
    expect(world.outcomes(waiting).size).toBe(0);
  });

  test("a queued task that has timed out is ended by the sweep if nobody waits", async () => {
    const { world, waiting } = await aBusyWorld();
    await world.pass(61_000);
    expect(world.outcomes(waiting).get(0)).toMatchObject([{ status: "timeout", error: { code: "TaskTimeout" } }]);
  });
});

test("a lease that turns out much too long returns its unstarted tasks to the front of the queue", async () => {
  const world = new World({ engines: 2, sweeps: false });
  const job = aJob(1, world.clock.now(), { tasks: [...tasks(400, ok(1)), ...tasks(60, ok(1000))] });
  const later = aJob(2, world.clock.now() + 1, { tasks: tasks(5) });
  await submitted(world, job);
  await world.pass(30);
  await submitted(world, later);
  const start = world.clock.now();
  await world.complete(world.jobs, { ms: 120_000 });
  expect(world.starts).toHaveLength(465);
  // Both engines ran parts of the slow half: neither kept a block of it.
  expect(world.clock.now() - start).toBeLessThan(34_000);
  const slow = world.starts.filter(({ index, job: id }) => id === job.header.id && index >= 400);
  for (const engine of [0, 1]) expect(slow.filter((one) => one.engine === engine).length).toBeGreaterThan(25);
});
