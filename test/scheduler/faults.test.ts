import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../lambdas/protocol/report-messages.ts";
import { aJob, type Behaviour, type Job, ok } from "../simulation/a-job.ts";
import type { Faults, Step } from "../simulation/faults.ts";
import { wrongOutcomes } from "../simulation/invariants.ts";
import { failureRecord, World, type WorldSettings } from "../simulation/world.ts";
import { kept, PuppetEngine } from "./puppet-engine.ts";
import { expectRest, expectSound } from "./sound.ts";

/** Kills the first invocation about such a message at its n-th step. */
class KillAt implements Faults {
  happened = false;
  readonly #message: string;
  readonly #number: number;
  readonly #when: "before" | "after";
  readonly #from: number;
  #invocation: number | undefined;
  #seen = new Set<number>();

  /** @param from which invocation about such a message, from 1 */
  constructor(message: string, number: number, when: "before" | "after", from = 1) {
    this.#message = message;
    this.#number = number;
    this.#when = when;
    this.#from = from;
  }

  step(step: Step): { kill: "before" | "after" } | undefined {
    if (step.message !== this.#message) return undefined;
    this.#seen.add(step.invocation);
    if (this.#seen.size === this.#from) this.#invocation ??= step.invocation;
    if (step.invocation !== this.#invocation || step.number !== this.#number || this.happened) return undefined;
    this.happened = true;
    return { kill: this.#when };
  }
}

/** A small map with all that can happen to a task: success, a retry, a failure, a crash. */
function mixedJobs(world: World): Job[] {
  const behaviours: Behaviour[] = Array.from({ length: 12 }, () => ok(2));
  behaviours[3] = { do: "error", ms: 2, times: 1 };
  behaviours[5] = { do: "error", ms: 2 };
  behaviours[8] = { do: "die", ms: 2, times: 1 };
  const now = world.clock.now();
  return [
    aJob(1, now, { tasks: behaviours, flags: { retries: 1 } }),
    aJob(2, now, { tasks: [ok(1), ok(1)], flags: { targets: [1] } }),
  ];
}

describe("the scheduler is killed at each of its steps: every outcome arrives, exactly once", () => {
  const settings: [string, WorldSettings][] = [
    ["hwm 1", { hwm: 1, engines: 2 }],
    ["hwm 3", { hwm: 3, engines: 2 }],
    ["adaptive", { engines: 2 }],
  ];
  for (const [name, setting] of settings)
    for (const message of ["submit", "begin", "report", "onFailure", "tick", "sweep"])
      test(`${message}, ${name}`, async () => {
        let killed = 0;
        for (const nth of message === "report" ? [1, 4] : [1, 2])
          for (let number = 1; number <= 60; number++) {
            let happened = false;
            for (const when of ["before", "after"] as const) {
              const faults = new KillAt(message, number, when, nth);
              // A tick has something to do when an engine did not start.
              const deliveries = (_: EngineEvent, event: number) => (message === "tick" && event <= 2 ? [] : [5]);
              const world = new World({ ...setting, faults: Object.assign(faults, { deliveries }) });
              const jobs = mixedJobs(world);
              await world.until(world.submit(...jobs));
              await expectSound(world, { ms: 400_000 });
              happened ||= faults.happened;
              if (faults.happened) killed++;
            }
            if (!happened) break;
          }
        expect(killed).toBeGreaterThan(4);
      });

  test.each([
    ["and the engine asks again", false],
    ["and the engine dies, too", true],
  ])("a partial report, %s", async (_, dies) => {
    const lived: [WorldSettings, Behaviour[]][] = [
      [{ hwm: 3, engines: 2 }, Array.from({ length: 7 }, () => ok(350))],
      [{ engines: 2 }, [...Array.from({ length: 150 }, () => ok(1)), ...Array.from({ length: 12 }, () => ok(700))]],
    ];
    for (const [setting, tasks] of lived) {
      let killed = 0;
      for (const nth of [1, 2])
        for (let number = 1; number <= 30; number++) {
          let happened = false;
          for (const when of ["before", "after"] as const) {
            const faults = new KillAt("partial", number, when, nth);
            const world = new World({ ...setting, faults });
            await world.until(world.submit(aJob(1, world.clock.now(), { tasks, flags: { retries: 1 } })));
            world.watch = () => {
              if (!dies || world.fleet.killed === 0 || world.crashes > 0) return;
              for (const live of world.invocations.values()) for (const one of live) one.crash("gone");
            };
            await expectSound(world, { ms: 400_000 });
            happened ||= faults.happened;
            if (faults.happened) killed++;
          }
          if (!happened) break;
        }
      expect(killed).toBeGreaterThan(8);
    }
  });

  test("submit of a lone task, handed out at once", async () => {
    for (let number = 1; number <= 20; number++)
      for (const when of ["before", "after"] as const) {
        const world = new World({ faults: new KillAt("submit", number, when) });
        await world.until(world.submit(aJob(1, world.clock.now())));
        await expectSound(world, { ms: 400_000 });
        expect(world.starts).toHaveLength(1);
      }
  });
});

describe("a report and its scheduler", () => {
  test("the SDK repeats each write of which the answer was lost: nothing is lost or doubled", async () => {
    for (const verb of ["write", "putOnce", "swap", "mark", "remove", "startEngine"])
      for (const hwm of [1, 3, "adaptive"] as const) {
        const world = new World({
          hwm,
          faults: { step: (step) => (step.verb === verb ? { repeat: true } : undefined) },
        });
        await world.until(world.submit(...mixedJobs(world)));
        await expectSound(world, { ms: 400_000 });
      }
  });

  test("the engine gives up waiting and asks again while its first report goes on: both get the same lease", async () => {
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

  test("each answer to an engine is lost once: nothing runs twice", async () => {
    const seen = new Set<string>();
    const faults: Faults = {
      call({ door, payload }) {
        const text = JSON.stringify(payload);
        if (door !== "report" || seen.has(text)) return undefined;
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
  test("every event is delivered twice, seconds apart: nothing runs twice", async () => {
    const world = new World({ faults: { deliveries: () => [5, 2500] } });
    await world.until(world.submit(aJob(1, world.clock.now(), { tasks: Array.from({ length: 40 }, () => ok(100)) })));
    await expectSound(world);
    expect(world.starts).toHaveLength(40);
  });

  test("every second event is lost: nothing runs twice, and no attempt is spent", async () => {
    const world = new World({ faults: { deliveries: (_, number) => (number % 2 ? [] : [5]) } });
    const job = aJob(1, world.clock.now(), { tasks: Array.from({ length: 40 }, () => ok(100)) });
    await world.until(world.submit(job));
    await expectSound(world);
    expect(world.starts).toHaveLength(40);
  });

  test("an event arrives minutes late, after its tasks ran elsewhere: it is refused", async () => {
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

test("a function that cannot start is tried less and less often, its tasks keep their attempts, and go on once it can", async () => {
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

describe("a lost engine", () => {
  test("a poison task among 200 no-ops at adaptive with retries 0 gives exactly one EngineError and 199 results", async () => {
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

  test("with retries, a task that kills its engine once ends well, and its error names the engine in the first attempt", async () => {
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

  test("with its record lost, it is found when its invocation must be over", async () => {
    const world = new World({ engines: 1, timeoutSeconds: 20, faults: { records: () => [] } });
    const job = aJob(1, world.clock.now(), { tasks: [{ do: "die", ms: 5 }, ok(1)] });
    await world.until(world.submit(job));
    await expectSound(world, { ms: 120_000 });
  });

  test("with its record doubled, nothing is revoked twice", async () => {
    const world = new World({ engines: 2, faults: { records: () => [5, 6, 30_000] } });
    const tasks: Behaviour[] = Array.from({ length: 30 }, () => ok(5));
    tasks[10] = { do: "die", ms: 5, times: 1 };
    const job = aJob(1, world.clock.now(), { tasks, flags: { retries: 1 } });
    await world.until(world.submit(job));
    await expectSound(world);
    expect(world.logged.filter(({ event }) => event === "session-revoked")).toHaveLength(world.crashes);
  });

  test("leases that waited behind the lost one come back as they are, no attempt spent", async () => {
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
