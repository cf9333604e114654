import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { aJob, type Behaviour, type Job, ok } from "../simulation/a-job.ts";
import type { Faults } from "../simulation/faults.ts";
import { wrongOutcomes } from "../simulation/invariants.ts";
import { STEP_INTERVAL, triedSteps } from "../simulation/tried-steps.ts";
import { failureRecord, refusal, World } from "../simulation/world.ts";
import { KillAt, killedAtEachStep, killedInPartialReports, mixedJobs } from "./killed-at-each-step.ts";
import { kept, PuppetEngine } from "./puppet-engine.ts";
import { expectRest, expectSound } from "./sound.ts";

killedAtEachStep("hwm 1", { hwm: 1, engines: 2 });

killedInPartialReports(
  "hwm 3",
  { hwm: 3, engines: 2 },
  Array.from({ length: 7 }, () => ok(350)),
);

describe("a scheduler that is killed at each of its steps", {
  timeout: 120_000,
}, () => {
  test("if the scheduler is killed at any step of the submission of a lone task, its outcome arrives exactly once", async () => {
    for (let number = 1, happens = true; happens; number++) {
      happens = false;
      for (const when of ["before", "after"] as const) {
        const faults = new KillAt("submit", number, when);
        const world = new World({ faults });
        await world.until(world.submit(aJob(1, world.clock.now())));
        await expectSound(world, { ms: 400_000 });
        expect(world.starts).toHaveLength(1);
        happens ||= faults.happened;
      }
      if (!happens) expect(number).toBeGreaterThan(3);
    }
  });
});

describe("work that a scheduler had claimed but not leased when it died", () => {
  test.each([
    ["while a client waits, within 15 seconds", true, 15_000],
    ["with nobody waiting, within 75 seconds", false, 75_000],
  ])("tasks that a scheduler claimed before it died are recovered %s, and run once", async (_, ticks, within) => {
    const step = (ticks ? 700 : 4700) * STEP_INTERVAL;
    const waits: number[] = [];
    for (let lasts = 200; lasts < (ticks ? 16_000 : 66_000); lasts += step) {
      let killedAt = 0;
      const faults: Faults = {
        step({ verb, message }) {
          if (message !== "report" || verb !== "claim" || killedAt > 0) return undefined;
          killedAt = world.clock.now();
          return { kill: "after" };
        },
      };
      const world: World = new World({ hwm: 1, engines: 2, timeoutSeconds: 900, faults });
      const job = aJob(1, world.clock.now(), { tasks: [ok(lasts), ok(200_000), ok(10)] });
      await world.until(world.submit(job));
      await expectSound(world, { ms: 400_000, ticks });
      expect(world.starts).toHaveLength(3);
      const lost = world.starts.find(({ index }) => index === 2);
      waits.push((lost?.at ?? Number.POSITIVE_INFINITY) - killedAt);
    }
    expect(Math.max(...waits)).toBeLessThan(within);
  });

  test("tasks that a scheduler claimed before it died at any step are recovered, and run once", async () => {
    for (const message of ["submit", "report"]) {
      let lost = 0;
      for (const number of triedSteps(20)) {
        const faults = new KillAt(message, number, "after");
        const world: World = new World({ hwm: 1, engines: 2, timeoutSeconds: 900, faults });
        const job = aJob(1, world.clock.now(), { tasks: Array.from({ length: 6 }, () => ok(100)) });
        await world.until(world.submit(job));
        await expectSound(world, { ms: 15_000 });
        expect(world.starts).toHaveLength(6);
        if (faults.happened) lost++;
      }
      expect(lost).toBeGreaterThan(4 / STEP_INTERVAL);
    }
  });
});

describe("a report and its scheduler", () => {
  test("if the SDK repeats each write whose answer was lost, no task is lost or run twice", async () => {
    for (const verb of ["write", "putOnce", "swap", "update", "remove", "startEngine"])
      for (const hwm of [1, 3, "adaptive"] as const) {
        const world = new World({
          hwm,
          faults: { step: (step) => (step.verb === verb ? { repeat: true } : undefined) },
        });
        await world.until(world.submit(...mixedJobs(world)));
        await expectSound(world, { ms: 400_000 });
      }
  });

  test("an engine that repeats a report while the first one is being handled gets the same lease from both", async () => {
    const events: EngineEvent[] = [];
    const world = new World({ engines: 1, hwm: 1, faults: kept(events) });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: [ok(1), ok(1), ok(1)] })));
    const [event] = events;
    if (!event) throw new Error("no engine was started");
    const puppet = new PuppetEngine(world, event);
    await puppet.begin();
    const message = puppet.message();
    const answers = await world.until(Promise.all([world.report(message), world.report(message)]));
    expect(answers[0]).toMatchObject({ type: "lease", grant: { seq: 2 } });
    expect(answers[1]).toEqual(answers[0]);
    while (answers[0].type === "lease" && (await puppet.report()).type === "lease");
    await expectSound(world);
  });

  test("if each answer to an engine is lost once, no task runs twice", async () => {
    const seen = new Set<string>();
    const faults: Faults = {
      call({ endpoint, payload }) {
        const text = JSON.stringify(payload);
        if (endpoint !== "report" || seen.has(text)) return undefined;
        seen.add(text);
        return { lost: "answer" };
      },
    };
    for (const hwm of [1, 3, "adaptive"] as const) {
      const world = new World({ hwm, faults });
      await world.until(world.submit(aJob(1, world.clock.now(), { tasks: Array.from({ length: 40 }, () => ok(30)) })));
      await expectSound(world);
      expect(world.starts).toHaveLength(40);
    }
  });
});

describe("Invoke", () => {
  test("if every event is delivered twice, seconds apart, no task runs twice", async () => {
    const world = new World({ faults: { deliveries: () => [5, 2500] } });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: Array.from({ length: 40 }, () => ok(100)) })));
    await expectSound(world);
    expect(world.starts).toHaveLength(40);
  });

  test("if every second event is lost, no task runs twice, and no attempt is spent", async () => {
    const world = new World({ faults: { deliveries: (_, number) => (number % 2 ? [] : [5]) } });
    const job = aJob(1, world.clock.now(), { tasks: Array.from({ length: 40 }, () => ok(100)) });
    await world.until(world.submit(job));
    await expectSound(world);
    expect(world.starts).toHaveLength(40);
  });

  test("an event that arrives minutes late, after its tasks ran elsewhere, is refused", async () => {
    const late: EngineEvent[] = [];
    const faults: Faults = {
      deliveries(event, number) {
        if (number <= 3) late.push(event);
        return number <= 3 ? [] : [5];
      },
    };
    const world = new World({ engines: 1, faults });
    await world.until(world.submit(aJob(1, world.clock.now())));
    await expectSound(world);
    for (const event of late) world.deliver(event);
    await world.pass(10_000);
    expect(world.starts).toHaveLength(1);
    await expectRest(world);
  });
});

test("a function that cannot start is tried less and less often; its tasks keep their attempts and continue once it can", async () => {
  let events = 0;
  let isBroken = true;
  const faults: Faults = {
    deliveries() {
      events++;
      return [5];
    },
    crashesAfterMs: () => (isBroken ? 0 : undefined),
  };
  const world = new World({ engines: 2, faults });
  const job = aJob(1, world.clock.now(), { tasks: [ok(1), ok(1), ok(1)] });
  await world.until(world.submit(job));
  await expect(world.complete([job], { ms: 600_000 })).rejects.toThrow("not complete");
  expect(events).toBeGreaterThan(10);
  expect(events).toBeLessThan(60);
  isBroken = false;
  await expectSound(world, { ms: 130_000 });
  expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok", attempt: 1 }]);
});

describe("a session that cannot start", () => {
  test("tasks that keep a session from starting end with its error after a few tries, and later work runs", async () => {
    const world = new World({
      engines: 1,
      variant: (real) => ({
        write: (rows) => real.write(rows),
        putOnce: (row) => real.putOnce(row),
        swap: (row, rev) => real.swap(row, rev),
        claim: (...of) => real.claim(...of),
        update: (key, update) => real.update(key, update),
        list: (pk, listing) => real.list(pk, listing),
        remove: (keys) => real.remove(keys),
        read(keys) {
          if (keys.some(({ pk }) => pk === "name#poison")) throw refusal("ValidationException", 400);
          return real.read(keys);
        },
      }),
    });
    const whole = aJob(1, world.clock.now(), { tasks: [ok(1), ok(1), ok(1)] });
    const poisoned: Job = { ...whole, header: { ...whole.header, names: ["poison"] } };
    await world.until(world.submit(poisoned));
    await world.complete([poisoned], { ms: 90_000 });
    for (const [entry] of world.outcomes(poisoned).values())
      expect(entry).toMatchObject({
        status: "lost",
        error: { code: "EngineError", evalue: "engine 0 could not be started: ValidationException: refused" },
      });
    const later = aJob(2, world.clock.now());
    await world.until(world.submit(later));
    await world.complete([later], { ms: 5000 });
    expect(world.outcomes(later).get(0)).toMatchObject([{ status: "ok" }]);
    await expectRest(world);
  });

  test("tasks of an engine whose function is missing end with that error, unless other engines can run them", async () => {
    const pools = ["good", "bad"].map((name) => ({
      name,
      count: 1,
      memoryMb: 1024,
      timeoutSeconds: 60,
      functions: [name],
    }));
    const refuses = (event: EngineEvent) => (event.engine === 1 ? "AccessDeniedException" : undefined);
    const world = new World({ pools, faults: { refuses } });
    const now = world.clock.now();
    const anywhere = aJob(1, now, { tasks: Array.from({ length: 20 }, () => ok(50)) });
    const there = aJob(2, now, { tasks: Array.from({ length: 20 }, () => ok(50)), flags: { targets: "bad" } });
    await world.until(world.submit(anywhere));
    await world.complete([anywhere], { ms: 30_000 });
    expect([...world.outcomes(anywhere).values()].every(([entry]) => entry?.status === "ok")).toBe(true);
    await world.until(world.submit(there));
    await world.complete([there], { ms: 600_000 });
    for (const [entry] of world.outcomes(there).values())
      expect(entry).toMatchObject({
        status: "lost",
        error: { code: "EngineError", evalue: "engine 1 could not be started: AccessDeniedException: refused" },
      });
    const more = aJob(3, world.clock.now(), { tasks: Array.from({ length: 20 }, () => ok(50)) });
    await world.until(world.submit(more));
    await world.complete([more], { ms: 30_000 });
    expect([...world.outcomes(more).values()].every(([entry]) => entry?.status === "ok")).toBe(true);
    await expectRest(world);
  });

  test("a throttled session is retried for as long as necessary", async () => {
    let isBusy = true;
    const world = new World({ engines: 1, faults: { throttles: () => isBusy } });
    const job = aJob(1, world.clock.now());
    await world.until(world.submit(job));
    await world.pass(300_000);
    isBusy = false;
    await expectSound(world, { ms: 130_000 });
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok", attempt: 1 }]);
  });
});

describe("a lost engine", () => {
  test("a task that kills its engine among 200 no-ops, without retries, gives exactly one EngineError and 199 results", async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = new World({ seed, engines: 2 });
      const behaviours = Array.from({ length: 200 }, () => ok(0));
      behaviours[120 + seed] = { do: "die", ms: 0 };
      const job = aJob(1, world.clock.now(), { tasks: behaviours, flags: { retries: 0 } });
      await world.until(world.submit(job));
      await expectSound(world);
      const all = [...world.outcomes(job).values()].flat();
      expect(all.filter(({ status }) => status === "ok")).toHaveLength(199);
      expect(all.filter(({ error }) => error?.code === "EngineError")).toMatchObject([
        { index: 120 + seed, status: "lost" },
      ]);
      expect(world.crashes).toBeLessThanOrEqual(5);
    }
  });

  test("with retries, a task that kills its engine once succeeds, and its first attempt's error names the engine", async () => {
    const world = new World({ engines: 2 });
    const job = aJob(1, world.clock.now(), { tasks: [{ do: "die", ms: 5, times: 1 }], flags: { retries: 1 } });
    await world.until(world.submit(job));
    const start = world.clock.now();
    await world.complete([job], { ms: 10_000, ticks: false });
    expect(world.clock.now() - start).toBeLessThan(1000);
    const entries = world
      .pages(job)
      .flatMap(({ page }) => page.entries.map((entry) => ({ engine: page.engine, ...entry })));
    const lost = entries.find(({ status }) => status === "lost");
    expect(lost).toMatchObject({
      attempt: 1,
      final: false,
      error: { evalue: expect.stringContaining(`engine ${lost?.engine} died`) },
    });
    expect(entries.find(({ final }) => final)).toMatchObject({ status: "ok", attempt: 2 });
    await expectSound(world);
  });

  test("a lost engine without a failure record is found when its invocation must have ended", async () => {
    const world = new World({ engines: 1, timeoutSeconds: 20, faults: { records: () => [] } });
    const job = aJob(1, world.clock.now(), { tasks: [{ do: "die", ms: 5 }, ok(1)] });
    await world.until(world.submit(job));
    await expectSound(world, { ms: 120_000 });
  });

  test("a failure record that arrives twice revokes only once", async () => {
    const world = new World({ engines: 2, faults: { records: () => [5, 6, 30_000] } });
    const tasks: Behaviour[] = Array.from({ length: 30 }, () => ok(5));
    tasks[10] = { do: "die", ms: 5, times: 1 };
    const job = aJob(1, world.clock.now(), { tasks, flags: { retries: 1 } });
    await world.until(world.submit(job));
    await expectSound(world);
    expect(world.logged.filter(({ event }) => event === "session-revoked")).toHaveLength(world.crashes);
  });

  test("leases that waited behind a lost one return unchanged to the queue, with no attempt spent", async () => {
    const events: EngineEvent[] = [];
    const faults: Faults = {
      deliveries(event) {
        events.push(event);
        return events.length === 1 ? [] : [5];
      },
    };
    const world = new World({ engines: 1, hwm: 0, faults });
    const jobs = [1, 2, 3].map((number) => aJob(number, world.clock.now(), { tasks: [ok(1), ok(1)] }));
    await world.until(world.submit(...jobs));
    const [event] = events;
    if (!event) throw new Error("no engine was started");
    await new PuppetEngine(world, event).begin();
    await world.until(world.report(failureRecord(event, "out of memory")));
    await expectSound(world);
    for (const job of jobs.slice(1)) expect(wrongOutcomes(world, job)).toEqual([]);
  });
});

describe("every engine dies, and neither they nor Lambda report it", () => {
  const tasks = Array.from({ length: 24 }, () => ok(1500));
  const dying = async (atMs: number, ticks: boolean) => {
    const world = new World({ engines: 3, timeoutSeconds: 900, passMs: 60_000 });
    const job = aJob(1, world.clock.now(), { tasks, flags: { retries: 0 } });
    await world.until(world.submit(job));
    await world.pass(atMs);
    world.blackout();
    const dark = world.clock.now();
    await expectSound(world, { ms: 200_000, ticks });
    expect(world.outcomes(job).size).toBe(24);
    for (const [entry] of world.outcomes(job).values()) expect(entry).toMatchObject({ status: "ok", attempt: 1 });
    const again = world.starts.find(({ at }) => at > dark);
    return (again?.at ?? dark) - dark;
  };

  test("the work of engines that all died unreported continues within a minute while a client waits, and no attempt is spent", async () => {
    for (const at of [700, 5200]) expect(await dying(at, true)).toBeLessThan(60_000);
  });

  test("the work of engines that all died unreported is found by the third sweep if nobody waits", async () => {
    for (const at of [3100]) expect(await dying(at, false)).toBeLessThan(150_000);
  });

  test("an engine that is silent for half a minute loses nothing", async () => {
    const events: EngineEvent[] = [];
    const world = new World({ engines: 1, timeoutSeconds: 900, faults: kept(events) });
    const job = aJob(1, world.clock.now());
    await world.until(world.submit(job));
    const [event] = events;
    if (!event) throw new Error("no engine was started");
    const puppet = new PuppetEngine(world, event);
    await puppet.begin();
    for (let minute = 0; minute < 3; minute++) {
      for (let second = 0; second < 30; second += 10) {
        await world.pass(10_000);
        await world.until(world.scheduler({ type: "tick" }));
      }
      expect(await puppet.heartbeat()).toMatchObject({ type: "alive" });
    }
    await puppet.report();
    await expectSound(world);
    expect(world.logged.filter(({ event }) => event === "session-revoked")).toEqual([]);
  });

  test("a cluster whose machine was suspended for an hour continues where it was", async () => {
    const events: EngineEvent[] = [];
    const world = new World({ engines: 1, timeoutSeconds: 7200, sweeps: false, faults: kept(events) });
    await world.until(world.submit(aJob(1, world.clock.now())));
    const [event] = events;
    if (!event) throw new Error("no engine was started");
    const puppet = new PuppetEngine(world, event);
    await puppet.begin();
    await world.pass(3_600_000);
    await world.until(world.scheduler({ type: "tick" }));
    await world.pass(9_000);
    await world.until(world.scheduler({ type: "tick" }));
    expect(await puppet.heartbeat()).toMatchObject({ type: "alive" });
    await world.pass(9_000);
    await world.until(world.scheduler({ type: "tick" }));
    expect((await puppet.report()).type).toBe("idle");
  });

  test("a task that is lost without a report again and again ends with an EngineError that says why", async () => {
    const world = new World({ engines: 2, timeoutSeconds: 900, faults: { records: () => [] } });
    // The engine dies once its session has begun: a single task runs before that.
    const job = aJob(1, world.clock.now(), { tasks: [{ do: "die", ms: 200 }], flags: { retries: 0 } });
    await world.until(world.submit(job));
    await expectSound(world, { ms: 150_000 });
    expect(world.outcomes(job).get(0)).toMatchObject([
      { status: "lost", error: { code: "EngineError", evalue: expect.stringContaining("sent no message for") } },
    ]);
    expect(world.starts).toHaveLength(2);
  });

  test("heartbeats of a task that runs for ten minutes are stored every ten seconds, and short tasks cost no write for it", async () => {
    let swaps = 0;
    const faults: Faults = {
      step({ message, verb }) {
        if (message === "heartbeat" && verb === "swap") swaps++;
        return undefined;
      },
    };
    const world = new World({ engines: 1, timeoutSeconds: 900, faults });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: [ok(600_000)] })));
    await expectSound(world, { ms: 700_000 });
    expect(swaps).toBeGreaterThan(50);
    expect(swaps).toBeLessThan(65);
    swaps = 0;
    await world.until(world.submit(aJob(2, world.clock.now(), { tasks: Array.from({ length: 40 }, () => ok(1000)) })));
    await expectSound(world);
    expect(swaps).toBe(0);
  });
});

describe("a cloud is killed at any moment, and started again on its tables", () => {
  test("a cloud restarted on its tables continues at once, with the outcomes of an undisturbed run", async () => {
    for (const hwm of [1, 3, "adaptive"] as const)
      for (const at of [5, 30, 300, 2500]) {
        const world = new World({ hwm, engines: 3, timeoutSeconds: 900 });
        const behaviours: Behaviour[] = Array.from({ length: 30 }, () => ok(400));
        behaviours[7] = { do: "error", ms: 5, times: 1 };
        behaviours[11] = { do: "error", ms: 5 };
        const now = world.clock.now();
        const jobs = [
          aJob(1, now, {
            tasks: behaviours,
            flags: { retries: 1, backoff: { initialMs: 3000, factor: 1, jitter: false } },
          }),
          aJob(2, now, { tasks: [ok(5), ok(5)], flags: { targets: [1] } }),
        ];
        const submitted = world.submit(...jobs);
        await world.pass(at);
        await world.until(world.restart());
        const restarted = world.clock.now();
        await world.until(submitted);
        await expectSound(world, { ms: 60_000 });
        const [first, second] = jobs.map((job) => [...world.outcomes(job).values()].flat());
        expect(first?.filter(({ status }) => status === "ok")).toHaveLength(29);
        expect(first?.find(({ index }) => index === 11)).toMatchObject({ status: "error", attempt: 2 });
        expect(second?.every(({ attempt, status }) => status === "ok" && attempt === 1)).toBe(true);
        const again = world.starts.find(({ at: started }) => started >= restarted);
        expect((again?.at ?? 0) - restarted).toBeLessThan(3000);
      }
  });

  test("a task that restarts interrupt keeps its attempts, however often", async () => {
    const world = new World({ engines: 1, timeoutSeconds: 900 });
    const job = aJob(1, world.clock.now(), { tasks: [ok(5000)], flags: { retries: 0 } });
    await world.until(world.submit(job));
    for (let times = 0; times < 5; times++) {
      await world.pass(2000);
      await world.until(world.restart());
    }
    await expectSound(world);
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok", attempt: 1 }]);
    expect(world.starts).toHaveLength(6);
  });

  test("a late repeated report of a restart revokes no session that has started since", async () => {
    const world = new World({ engines: 2 });
    const before = world.clock.now();
    await world.pass(5000);
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: [ok(2000), ok(2000)] })));
    await world.pass(500);
    await world.until(world.scheduler({ type: "restarted", at: before }));
    await expectSound(world);
    expect(world.starts).toHaveLength(2);
  });
});
