import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { engineKey } from "../../lambdas/protocol/rows.ts";
import { engineOf } from "../../lambdas/scheduler/rows/engine-rows.ts";
import { aJob, awaitedMessage, type Behaviour, type Job, OK, ok } from "../simulation/a-job.ts";
import type { Faults, Step, StepFault } from "../simulation/faults.ts";
import { World, type WorldSettings } from "../simulation/world.ts";
import { kept, PuppetEngine } from "./puppet-engine.ts";
import { expectSound } from "./sound.ts";

/** A call of a function or of the store, as text. */
type Call = string;

/** Creates a world that records its calls and the deliveries of events. */
function listing(settings: WorldSettings = {}): { world: World; calls: Call[] } {
  const calls: Call[] = [];
  const faults: Faults = {
    ...settings.faults,
    step(step) {
      const { endpoint, verb, key } = step;
      if (verb !== "sleep") calls.push(`${endpoint} ${verb} ${key}`);
      return settings.faults?.step?.(step);
    },
    call(call) {
      calls.push(`call ${call.message}`);
      return settings.faults?.call?.(call);
    },
  };
  return { calls, world: new World({ engines: 2, sweeps: false, ...settings, faults }) };
}

/** Runs single tasks one after the other, each until the cluster is at rest. Returns the calls of the last. */
async function lastOf(count: number, behaviour: Behaviour = OK, settings: WorldSettings = {}) {
  const { world, calls } = listing(settings);
  for (let number = 1; number <= count; number++) {
    calls.length = 0;
    const job = aJob(number, world.clock.now(), { tasks: [behaviour] });
    expect(await world.until(world.submit(job))).toEqual({ type: "ok" });
    await world.complete([job], { ticks: false });
    await world.pass(200);
  }
  const last = [...calls];
  await expectSound(world);
  return last;
}

/** Injects a fault at the first matching step only. */
function once(fits: (step: Step) => boolean, fault: StepFault): Faults {
  let isOver = false;
  return {
    step(step) {
      if (isOver || !fits(step)) return undefined;
      isOver = true;
      return fault;
    },
  };
}

describe("a lone call", () => {
  test("a lone call makes 10 calls until its outcome can be read, and 3 afterwards", async () => {
    const calls = await lastOf(3);
    const page = calls.findIndex((call) => call.startsWith("report putOnce o#"));
    expect(calls.slice(0, page + 1).sort()).toEqual([
      "call report",
      "call submit",
      "report putOnce o#00000000#0",
      "scheduler list engine",
      "scheduler list q#any#0",
      "scheduler putOnce job",
      expect.stringMatching(/^scheduler startEngine \d$/),
      expect.stringMatching(/^scheduler swap 00000\d$/),
      expect.stringMatching(/^scheduler write .*s#00000000/),
    ]);
    expect(calls.slice(page + 1).sort()).toEqual([
      "report list q#any#0",
      "report read job",
      expect.stringMatching(/^report swap 00000\d$/),
    ]);
  });

  test("a lone call takes 6 calls in sequence until its outcome can be read, and the client's read is the seventh", async () => {
    // Every call of the store, and every start of an engine, takes effect after a second; calls of functions take no
    // time.
    const second: Faults = { step: () => ({ stallMs: 1000, when: "before" }), deliveries: () => [0] };
    const world = new World({ engines: 2, sweeps: false, latencyMs: 0, faults: second });
    const ended: number[] = [];
    for (const number of [1, 2, 3]) {
      const job = aJob(number, world.clock.now(), { tasks: [ok(0)] });
      const start = world.clock.now();
      void world.submit(job);
      await world.complete([job], { ticks: false });
      ended.push(Math.round((world.clock.now() - start) / 1000));
      await world.pass(60_000);
    }
    // Reads, the engine's row, the event and the page, in addition to the calls of submit and report.
    expect(ended.at(-1)).toBe(4);
  });

  test("a lone call that runs for longer than 100 ms begins its session meanwhile", async () => {
    const calls = await lastOf(2, ok(150));
    expect(calls.filter((call) => call.startsWith("call "))).toEqual(["call submit", "call begin", "call report"]);
  });

  test("a lone call is queued if no engine is idle, and runs later", async () => {
    const { world } = listing({ engines: 1 });
    const jobs = [1, 2, 3].map((number) => aJob(number, world.clock.now(), { tasks: [ok(50)] }));
    for (const job of jobs) await world.until(world.submit(job));
    await world.complete(jobs, { ticks: false });
    await expectSound(world);
    expect(world.starts.map(({ job }) => job)).toEqual(jobs.map(({ header }) => header.id));
  });
});

describe("a lone call that its client awaits", () => {
  /** Submits a task as a client that waits for it. Returns the answer's outcome page, if there is one. */
  async function awaited(world: World, job: Job) {
    world.jobs.push(job);
    const answer = await world.until(world.send(awaitedMessage(job)));
    if (answer.type !== "ok") throw new Error(JSON.stringify(answer));
    return answer.ended;
  }

  test("an awaited call is answered with its outcome after 9 calls, none of them a report", async () => {
    const { world, calls } = listing();
    for (const number of [1, 2, 3]) {
      calls.length = 0;
      const job = aJob(number, world.clock.now(), {});
      const ended = await awaited(world, job);
      expect(ended).toMatchObject({ job: job.header.id, bucket: 0, sk: "o#00000000#0" });
      expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok" }]);
      await world.pass(200);
    }
    expect([...calls].sort()).toEqual([
      "call submit",
      expect.stringMatching(/^scheduler callEngine \d$/),
      "scheduler list q#any#0",
      "scheduler putOnce job",
      "scheduler putOnce o#00000000#0",
      "scheduler read job",
      "scheduler read sweeps",
      expect.stringMatching(/^scheduler swap 00000\d$/),
      expect.stringMatching(/^scheduler swap 00000\d$/),
      expect.stringMatching(/^scheduler write .*s#00000000/),
    ]);
    await expectSound(world);
  });

  test("an awaited call takes 3 calls in sequence from its submission to its outcome, and a fourth to look for work", async () => {
    const slow: Faults = { step: () => ({ stallMs: 10, when: "before" }), deliveries: () => [0] };
    const world = new World({ engines: 2, sweeps: false, latencyMs: 0, environments: 1, faults: slow });
    const ended: number[] = [];
    for (const number of [1, 2, 3]) {
      const job = aJob(number, world.clock.now(), { tasks: [ok(0)] });
      const start = world.clock.now();
      expect(await awaited(world, job)).toBeDefined();
      ended.push(Math.round((world.clock.now() - start) / 10));
    }
    expect(ended.at(-1)).toBe(4);
  });

  test("a remembered engine that another scheduler has changed is left to it", async () => {
    const { world, calls } = listing({ engines: 1, environments: 1 });
    const [first, long, third] = [ok(1), ok(300), ok(1)].map((task, at) =>
      aJob(at + 1, world.clock.now(), { tasks: [task] }),
    );
    if (!first || !long || !third) throw new Error("no jobs");
    await awaited(world, first);
    const remembered = world.clusters().map(({ memory: { fleet } }) => ({ fleet, rested: fleet.rested }));
    expect(remembered.some(({ rested }) => rested !== undefined)).toBe(true);
    await world.until(world.submit(long));
    for (const { fleet, rested } of remembered) fleet.rested = rested;
    calls.length = 0;
    expect(await awaited(world, third)).toBeUndefined();
    expect(calls).toContain("scheduler list engine");
    await world.complete([long, third]);
    await expectSound(world);
    expect(world.starts.map(({ job }) => job)).toEqual([first, long, third].map(({ header }) => header.id));
  });

  test("a submission that is repeated after its answer was lost gives the remembered engine back", async () => {
    let submits = 0;
    const faults: Faults = {
      call: ({ message }) => (message === "submit" && ++submits === 2 ? { lost: "answer" } : undefined),
    };
    const { world, calls } = listing({ engines: 1, sweeps: false, environments: 1, faults });
    const jobs = [1, 2].map((number) => aJob(number, world.clock.now(), {}));
    for (const job of jobs) await awaited(world, job);
    expect(calls.filter((call) => call === "call submit")).toHaveLength(3);
    expect(world.starts).toHaveLength(2);
    await expectSound(world);
  });

  test("a task that runs for longer than 80 ms is reported by its engine, once", async () => {
    for (const ms of [79, 85, 95, 400]) {
      const { world, calls } = listing();
      const job = aJob(1, world.clock.now(), { tasks: [ok(ms)] });
      const ended = await awaited(world, job);
      expect(ended === undefined).toBe(ms > 80);
      await world.complete([job], { ticks: false });
      expect(calls.filter((call) => call === "call report")).toHaveLength(ms > 80 ? 1 : 0);
      expect(world.starts).toHaveLength(1);
      await expectSound(world);
    }
  });

  test("the scheduler waits no longer than a second for an engine", async () => {
    const world = new World({ engines: 1, sweeps: false });
    const job = aJob(1, world.clock.now(), { tasks: [ok(5000)] });
    const start = world.clock.now();
    expect(await awaited(world, job)).toBeUndefined();
    expect(world.clock.now() - start).toBeLessThan(1050);
    await world.complete([job]);
    await expectSound(world);
  });

  test("an event that arrives late is not answered, because the scheduler may have stopped waiting", async () => {
    const { world, calls } = listing({ faults: { deliveries: () => [250] } });
    const job = aJob(1, world.clock.now(), {});
    expect(await awaited(world, job)).toBeUndefined();
    await world.complete([job], { ticks: false });
    expect(calls).toContain("call report");
    expect(world.starts).toHaveLength(1);
    await expectSound(world);
  });

  test("an engine that fails while it is awaited is revoked at once, and the task runs elsewhere", async () => {
    let crashes = 0;
    const faults: Faults = { crashesAfterMs: () => (crashes++ === 0 ? 1 : undefined) };
    const world = new World({ engines: 2, sweeps: false, faults });
    const job = aJob(1, world.clock.now(), { tasks: [ok(20)] });
    expect(await awaited(world, job)).toBeUndefined();
    await world.complete([job], { ms: 900, ticks: false });
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok", attempt: 1 }]);
    await expectSound(world);
  });

  test("an engine that is throttled gets the task as an event", async () => {
    let throttled = 0;
    const world = new World({ engines: 1, sweeps: false, faults: { throttles: () => throttled++ === 0 } });
    const job = aJob(1, world.clock.now(), {});
    expect(await awaited(world, job)).toBeUndefined();
    await world.complete([job], { ms: 900, ticks: false });
    await expectSound(world);
  });

  test.each(["lost", "late"] as const)("a response that is %s loses nothing", async (fate) => {
    let replies = 0;
    const world = new World({ engines: 2, faults: { replies: () => (replies++ === 0 ? fate : undefined) } });
    const job = aJob(1, world.clock.now(), {});
    expect(await awaited(world, job)).toBeUndefined();
    await world.complete([job]);
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok" }]);
    await expectSound(world);
  });

  test("a response without a report, as from an engine of an earlier version, leaves the report to the engine", async () => {
    const world = new World({
      engines: 1,
      sweeps: false,
      called: ({ event: { answerMs: _, ...event }, waitMs }) => ({ event, waitMs }),
    });
    const job = aJob(1, world.clock.now(), {});
    expect(await awaited(world, job)).toBeUndefined();
    await world.complete([job], { ticks: false });
    expect(world.starts).toHaveLength(1);
    await expectSound(world);
  });

  test("of two invocations by a repeated request, one outcome counts", async () => {
    const world = new World({ engines: 1, faults: { deliveries: () => [5, 9] } });
    const job = aJob(1, world.clock.now(), { tasks: [ok(10)] });
    expect(await awaited(world, job)).toBeDefined();
    await world.complete([job]);
    await expectSound(world);
  });

  test("work that is queued while a scheduler waits for the engine gets the engine afterwards", async () => {
    const world = new World({ engines: 1, sweeps: false });
    const [first, second] = [1, 2].map((number) => aJob(number, world.clock.now(), { tasks: [ok(40)] }));
    if (!first || !second) throw new Error("no jobs");
    const answered = awaited(world, first);
    await world.pass(30);
    await world.until(world.submit(second));
    await answered;
    await world.complete([first, second], { ms: 900, ticks: false });
    await expectSound(world);
  });

  test.each(["callEngine", "putOnce", "swap", "read", "list"])(
    "a scheduler that dies at its %s after the engine was called loses nothing",
    async (dying) => {
      for (const kill of ["before", "after"] as const) {
        let isCalled = false;
        const fault = once(
          ({ verb, message }) => {
            isCalled ||= message === "submit" && verb === "callEngine";
            return isCalled && message === "submit" && verb === dying;
          },
          { kill },
        );
        const world = new World({ engines: 2, faults: fault });
        const job = aJob(1, world.clock.now(), {});
        await awaited(world, job);
        expect(world.fleet.killed).toBe(1);
        await world.complete([job]);
        await expectSound(world);
        expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok" }]);
      }
    },
  );

  test("a scheduler that stalls with an answer does not overrule the engine that was invoked again", async () => {
    const fault = once(({ verb, key }) => verb === "putOnce" && key.startsWith("o#"), {
      stallMs: 9000,
      when: "before",
    });
    const world = new World({ engines: 1, faults: fault });
    const job = aJob(1, world.clock.now(), {});
    const answered = awaited(world, job);
    await world.complete([job]);
    await answered;
    expect(world.outcomes(job).get(0)).toHaveLength(1);
    await expectSound(world);
  });
});

describe("a session that reports before it has begun", () => {
  /** Starts a lone call and keeps its events for puppets. */
  async function started(settings: WorldSettings = {}) {
    const events: EngineEvent[] = [];
    const { world, calls } = listing({ ...settings, faults: { ...settings.faults, ...kept(events) } });
    const job = aJob(1, world.clock.now(), {});
    await world.until(world.submit(job));
    const [event] = events;
    if (!event?.token) throw new Error("the event carries no token");
    const puppets = ["a", "b"].map((letter) => {
      const puppet = new PuppetEngine(world, event, letter.repeat(32));
      puppet.lease = event.grant;
      return puppet;
    });
    const [first, second] = puppets;
    if (!first || !second) throw new Error("no puppets");
    const engine = () => {
      const row = world.tables.peek(engineKey(event.engine));
      return row && engineOf(row);
    };
    return { world, calls, job, event, events, first, second, engine, token: event.token };
  }

  test("the token's report begins the session and ends the lease", async () => {
    const { world, job, first, engine, token } = await started();
    expect(await first.report({ token })).toEqual({ type: "idle" });
    expect(world.outcomes(job).get(0)).toHaveLength(1);
    expect(engine()).toMatchObject({ leases: [], session: undefined, completed: 1 });
    await expectSound(world);
  });

  test("of two deliveries of an event, the page of the first to report counts, and the second is refused", async () => {
    const { world, job, first, second, token } = await started();
    await first.report({ token });
    expect(await second.report({ token, entries: [second.failed(0)] })).toMatchObject({ type: "refused" });
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok" }]);
    await expectSound(world);
  });

  test("after one delivery has begun the session, another cannot begin it or report for it", async () => {
    const { world, job, first, second, engine, token } = await started();
    expect(await first.begin()).toEqual({ type: "began" });
    expect(await second.begin()).toMatchObject({ type: "refused" });
    const before = engine();
    expect(await second.report({ token })).toMatchObject({ type: "refused" });
    expect(engine()).toEqual(before);
    expect(await first.report()).toEqual({ type: "idle" });
    expect(world.outcomes(job).get(0)).toHaveLength(1);
    await expectSound(world);
  });

  test.each([
    ["of another session", (token: string) => token.replace(/\\"id\\":\\"./, '\\"id\\":\\"?')],
    ["of another signature", (token: string) => `${"A".repeat(43)}${token.slice(token.indexOf("."))}`],
    ["without a signature", (token: string) => token.slice(token.indexOf("."))],
    ["that is no token", () => "x"],
  ])("a token %s is refused, and nothing is written", async (_, change) => {
    const { world, job, first, token } = await started();
    const { version } = world.tables;
    expect(change(token)).not.toBe(token);
    expect(await first.report({ token: change(token) })).toMatchObject({ type: "refused" });
    expect(world.tables.version).toBe(version);
    expect(world.outcomes(job).size).toBe(0);
  });

  test("a token is refused after ten seconds, and nothing is written", async () => {
    const { world, job, first, token } = await started();
    await world.pass(10_100);
    expect(await first.report({ token })).toMatchObject({ type: "refused" });
    expect(world.outcomes(job).size).toBe(0);
  });

  test("a token of one task does not report another", async () => {
    const { world, job, first, token } = await started();
    expect(await first.report({ token, entries: [first.ended(1)] })).toMatchObject({ type: "refused" });
    expect(world.outcomes(job).size).toBe(0);
  });

  test("a session that is revoked before it has begun is fenced: its late report is refused", async () => {
    const { world, job, events, first, token } = await started();
    // Lambda's failure record revokes the session before it begins. The event is then sent again, without a token.
    const revoked = world.report({
      requestContext: { functionArn: "arn:aws:lambda:eu-west-1:000000000000:function:engines", condition: "x" },
      requestPayload: { engine: first.event.engine, session: first.event.session },
    });
    await world.until(revoked);
    expect(await first.report({ token })).toMatchObject({ type: "refused" });
    const again = events.at(-1);
    expect(again?.token).toBeUndefined();
    if (again) world.deliver(again);
    await world.complete([job]);
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok", attempt: 1 }]);
    await expectSound(world);
  });

  test("a lone task that kills its engine before its session has begun runs once more, with no attempt spent", async () => {
    const world = new World({ engines: 2 });
    const job = aJob(1, world.clock.now(), { tasks: [{ do: "die", ms: 5 }] });
    await world.until(world.submit(job));
    await world.complete([job]);
    await expectSound(world);
    expect(world.starts.map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(world.outcomes(job).get(0)).toMatchObject([{ status: "lost", attempt: 1 }]);
  });

  test("an engine that a lone task kills before its session has begun gets the work that waits at once", async () => {
    const world = new World({ engines: 1, sweeps: false });
    const jobs = [{ do: "die", ms: 5 } as const, OK].map((task, at) =>
      aJob(at + 1, world.clock.now(), { tasks: [task] }),
    );
    for (const job of jobs) await world.until(world.submit(job));
    await world.complete(jobs, { ms: 900, ticks: false });
    await expectSound(world);
  });

  test("an engine that another scheduler changes meanwhile keeps its own work, and the task runs once", async () => {
    const fault = once(({ message, verb }) => message === "submit" && verb === "swap", {
      stallMs: 300,
      when: "before",
    });
    const world = new World({ engines: 1, sweeps: false, faults: fault });
    const [one, other] = [1, 2].map((number) => aJob(number, world.clock.now(), { tasks: [ok(100)] }));
    if (!one || !other) throw new Error("no jobs");
    const submitted = world.submit(one);
    await world.pass(50);
    await world.until(world.submit(other));
    await world.until(submitted);
    await world.complete([one, other]);
    await expectSound(world);
    expect(world.starts).toHaveLength(2);
  });

  test.each(["write", "putOnce", "swap", "startEngine"])(
    "a scheduler that dies after its %s loses nothing",
    async (dying) => {
      for (const kill of ["before", "after"] as const) {
        const fault = once(
          ({ message, verb, key }) => message === "submit" && verb === dying && !key.startsWith("0000000"),
          { kill },
        );
        const world = new World({ engines: 2, faults: fault });
        const job = aJob(1, world.clock.now(), {});
        await world.until(world.submit(job));
        await world.complete([job]);
        await expectSound(world);
        expect(world.outcomes(job).get(0)).toMatchObject([{ status: "ok" }]);
      }
    },
  );
});
