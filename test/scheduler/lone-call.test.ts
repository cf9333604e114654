import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { engineKey } from "../../lambdas/protocol/rows.ts";
import { engineOf } from "../../lambdas/scheduler/rows/engine-rows.ts";
import { aJob, type Behaviour, OK, ok } from "../simulation/a-job.ts";
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

  test("a lone call that finds no engine idle is queued, and runs", async () => {
    const { world } = listing({ engines: 1 });
    const jobs = [1, 2, 3].map((number) => aJob(number, world.clock.now(), { tasks: [ok(50)] }));
    for (const job of jobs) await world.until(world.submit(job));
    await world.complete(jobs, { ticks: false });
    await expectSound(world);
    expect(world.starts.map(({ job }) => job)).toEqual(jobs.map(({ header }) => header.id));
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

  test("once one delivery has begun the session, another cannot, and its report does not move the engine on", async () => {
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
