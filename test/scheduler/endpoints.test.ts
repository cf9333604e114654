import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import type { JobFlags } from "../../lambdas/protocol/flags.ts";
import { liveOutputKey } from "../../lambdas/protocol/rows.ts";
import { aJob, type JobPlan, jobId, ok, submitMessage, submitParts } from "../simulation/a-job.ts";
import { failureRecord, World, type WorldSettings } from "../simulation/world.ts";
import { kept, PuppetEngine } from "./puppet-engine.ts";

/** Creates a world whose only engine holds a lease and is played by hand. */
async function withPuppet(plan: JobPlan = { tasks: [ok(1), ok(1), ok(1), ok(1)] }, settings: WorldSettings = {}) {
  const events: EngineEvent[] = [];
  const world = new World({ engines: 1, hwm: 2, sweeps: false, ...settings, faults: kept(events) });
  const job = aJob(1, world.clock.now(), plan);
  await world.until(world.submit(job));
  const [event] = events;
  if (!event) throw new Error("no engine was started");
  return { world, job, event, events, puppet: new PuppetEngine(world, event) };
}

/** Expects that a message is refused and changes no row. */
async function expectRefused(world: World, message: unknown): Promise<void> {
  const before = snapshot(world);
  expect(await world.until(world.report(message))).toMatchObject({ type: "refused" });
  expect(snapshot(world)).toEqual(before);
}

function snapshot(world: World): string[] {
  return [...world.tables.partitions]
    .flatMap(([, rows]) => [...rows.values()].map((row) => JSON.stringify(row)))
    .sort();
}

describe("a message that the report endpoint refuses", () => {
  test("a report with a second nonce writes nothing", async () => {
    const { world, event, puppet } = await withPuppet();
    await puppet.begin();
    const second = new PuppetEngine(world, event, "1".repeat(32));
    second.lease = puppet.lease;
    await expectRefused(world, { type: "begin", ...second.who, have: [], granted: true });
    await expectRefused(world, second.message());
    await expectRefused(world, { type: "heartbeat", ...second.who, seq: 1 });
    await expectRefused(world, { type: "fetch", ...second.who, units: [] });
  });

  test("a report with a foreign session, or another engine's, writes nothing", async () => {
    const { world, puppet } = await withPuppet(undefined, { engines: 2 });
    await puppet.begin();
    for (const strange of [{ session: "f".repeat(32) }, { engine: 1 - puppet.event.engine }, { engine: 77 }]) {
      await expectRefused(world, { ...puppet.message(), ...strange });
      await expectRefused(world, { type: "begin", ...puppet.who, have: [], ...strange });
      await expectRefused(world, { type: "heartbeat", ...puppet.who, seq: 1, ...strange });
      await expectRefused(world, { type: "fetch", ...puppet.who, units: [], ...strange });
    }
  });

  test("a report before `begin` writes nothing", async () => {
    const { world, puppet } = await withPuppet();
    puppet.lease = puppet.event.grant;
    await expectRefused(world, puppet.message());
  });

  test("a report of a revoked lease writes nothing, whatever it contains", async () => {
    const { world, event, puppet } = await withPuppet();
    await puppet.begin();
    await world.until(world.report(failureRecord(event, "killed")));
    await expectRefused(world, puppet.message());
    await expectRefused(world, puppet.message({ entries: [], running: [0, 1] }));
    await expectRefused(world, { type: "heartbeat", ...puppet.who, seq: 1 });
    await expectRefused(world, { type: "begin", ...puppet.who, have: [] });
  });

  test("a report with another lease's number or tasks, or with a task twice, writes nothing", async () => {
    const { world, puppet } = await withPuppet();
    await puppet.begin();
    for (const seq of [0, 2, 3]) await expectRefused(world, puppet.message({ seq }));
    await expectRefused(world, puppet.message({ entries: [puppet.ended(0), puppet.ended(2)] }));
    await expectRefused(world, puppet.message({ entries: [puppet.ended(0)], running: [3] }));
    await expectRefused(world, puppet.message({ entries: [puppet.ended(0), puppet.ended(0)] }));
    await expectRefused(world, puppet.message({ entries: [puppet.ended(0)], running: [0, 1] }));
  });

  test("a malformed message writes nothing", async () => {
    const { world, puppet } = await withPuppet();
    await puppet.begin();
    for (const nonsense of [
      null,
      17,
      "report",
      {},
      { type: "submit" },
      { type: "sweep" },
      { type: "report" },
      { ...puppet.message(), more: 1 },
      { ...puppet.message(), entries: [{ index: 0, status: "ok", final: true }] },
      { ...puppet.message(), seq: -1 },
      { ...puppet.message(), seq: 1.5 },
    ])
      await expectRefused(world, nonsense);
  });

  test("a failure record about an ended session writes nothing", async () => {
    const { world, event, puppet } = await withPuppet({ tasks: [ok(1)] });
    await puppet.begin();
    await puppet.report();
    const before = snapshot(world);
    await world.until(world.report(failureRecord(event, "killed")));
    expect(snapshot(world)).toEqual(before);
  });
});

describe("the report endpoint", () => {
  test("the report endpoint stores the output so far of the lease's own tasks, replacing earlier output", async () => {
    const { world, event, puppet } = await withPuppet();
    await puppet.begin();
    const heartbeat = (index: number, stdout: string) =>
      world.until(world.report({ type: "heartbeat", ...puppet.who, seq: 1, output: [{ index, stdout, stderr: "" }] }));
    const kept = (index: number) => world.tables.peek(liveOutputKey(event.grant?.job ?? "", index))?.body;
    await heartbeat(0, "one");
    await heartbeat(0, "one two");
    await heartbeat(9, "not mine");
    expect(JSON.parse(kept(0) ?? "{}")).toEqual({ attempt: 1, stdout: "one two", stderr: "" });
    expect(kept(9)).toBeUndefined();
  });

  test("when an engine dies, its task's output belongs to that attempt, not to the next", async () => {
    const { world, job, event, events, puppet } = await withPuppet({ tasks: [ok(1)], flags: { retries: 1 } });
    await puppet.begin();
    const output = [{ index: 0, stdout: "almost", stderr: "there" }];
    await world.until(world.report({ type: "heartbeat", ...puppet.who, seq: 1, output }));
    await world.until(world.report(failureRecord(event, "signal: killed")));
    const entries = () => world.pages(job).flatMap(({ page }) => page.entries);
    expect(entries()).toMatchObject([{ attempt: 1, status: "lost", stdout: "almost", stderr: "there" }]);
    const [, second] = events;
    if (!second) throw new Error("the task was not retried");
    await new PuppetEngine(world, second).begin();
    await world.until(world.report(failureRecord(second, "signal: killed")));
    expect(entries().map(({ attempt, stdout }) => [attempt, stdout])).toEqual([
      [1, "almost"],
      [2, undefined],
    ]);
  });

  test("the report endpoint answers begin with the lease, unless the event carried it", async () => {
    const { world, event, puppet } = await withPuppet();
    expect(await puppet.begin()).toEqual({ type: "began" });
    const again = await world.until(world.report({ type: "begin", ...puppet.who, have: [] }));
    expect(again).toMatchObject({ type: "began", grant: { seq: 1, job: event.grant?.job, tasks: event.grant?.tasks } });
  });

  test("the report endpoint sends code once, and again to an engine that has lost it", async () => {
    const { puppet } = await withPuppet();
    await puppet.begin();
    const [fn] = puppet.lease?.functions ?? [];
    const code = fn && "code" in fn ? fn.code : "";
    expect(puppet.lease?.units.map(({ hash }) => hash)).toEqual([code]);
    expect(await puppet.report({ have: [code] })).toMatchObject({ type: "lease", grant: { units: [] } });
  });

  test("a partial report settles finished tasks, returns unstarted ones, and leases the running ones again", async () => {
    const { world, job, puppet } = await withPuppet({ tasks: Array.from({ length: 6 }, () => ok(1)) }, { hwm: 6 });
    await puppet.begin();
    const answer = await puppet.report({ entries: [puppet.ended(0)], returned: [3, 4, 5], running: [1, 2] });
    expect(answer).toEqual({ type: "continue", seq: 2 });
    // Returned tasks are leased again behind the running ones, since this engine has room.
    expect(world.engines()[0]?.leases.map(({ ranges }) => ranges)).toMatchObject([
      [{ from: 1, to: 3 }],
      [{ from: 3, to: 6 }],
    ]);
    if (puppet.lease) puppet.lease = { ...puppet.lease, seq: 2 };
    const next = await puppet.report({ entries: [puppet.ended(1), puppet.ended(2)] });
    expect(next).toMatchObject({ type: "lease", grant: { seq: 3 } });
    expect(puppet.lease?.tasks.map(([index]) => index)).toEqual([3, 4, 5]);
    expect(await puppet.report()).toEqual({ type: "idle" });
    expect(world.isComplete(job)).toBe(true);
  });

  test("when an invocation leaves, another is started for the remaining work", async () => {
    const { world, events, puppet } = await withPuppet();
    await puppet.begin();
    expect(await puppet.report({ entries: [puppet.ended(0)], returned: [1], leaving: true })).toEqual({ type: "idle" });
    expect(events).toHaveLength(2);
    expect(events[1]?.session).not.toBe(events[0]?.session);
    expect(world.load(0)).toBe(2);
  });
});

describe("a message that the scheduler endpoint refuses", () => {
  const refusals: [string, (world: World) => unknown, { code: string; flag?: string }][] = [
    [
      "targets that do not exist",
      (world) => submitMessage(aJob(1, world.clock.now(), { flags: { targets: [3] } })),
      { code: "NoEnginesRegistered" },
    ],
    [
      "a pool that does not exist",
      (world) => submitMessage(aJob(1, world.clock.now(), { flags: { targets: "gpu" } })),
      { code: "NoEnginesRegistered" },
    ],
    [
      "more memory than any pool has",
      (world) => submitMessage(aJob(1, world.clock.now(), { flags: { memoryMb: 99_999 } })),
      { code: "InvalidFlag", flag: "memoryMb" },
    ],
    [
      "an unknown flag",
      (world) => submitMessage(aJob(1, world.clock.now(), { flags: { hurry: true } as never })),
      { code: "Refused" },
    ],
    [
      "an unknown scheme",
      (world) => submitMessage(aJob(1, world.clock.now(), { flags: { scheme: "fifo" as never } })),
      { code: "Refused" },
    ],
    [
      "a page too few",
      (world) => {
        const job = aJob(1, world.clock.now(), { tasks: [ok(1), ok(1)], pageTasks: 1 });
        return submitParts([{ header: job.header, pages: job.pages.slice(0, 1), last: true }]);
      },
      { code: "Refused" },
    ],
    [
      "a time that is no date",
      (world) => {
        const { header, pages } = aJob(1, world.clock.now());
        return submitParts([{ pages, header: { ...header, submitted: 1e308 }, last: true }]);
      },
      { code: "Refused" },
    ],
    [
      "ranges that run backwards",
      () => ({
        type: "resubmit",
        jobs: [{ id: jobId(2), from: jobId(1), ranges: [[2, 0]] }],
        flags: {},
        without: [],
        submitted: 0,
        client: "c",
      }),
      { code: "Refused" },
    ],
    ["a message of an unknown type", () => ({ type: "purge" }), { code: "Refused" }],
    ["a message that is not an object", () => 7, { code: "Refused" }],
  ];
  test.each(refusals)(
    "the scheduler endpoint answers %s with a typed error, and writes nothing",
    async (_, message, error) => {
      const world = new World({ sweeps: false });
      expect(await world.until(world.scheduler(message(world)))).toMatchObject({ type: "error", ...error });
      expect(snapshot(world)).toEqual([]);
    },
  );

  const pools = [
    { name: "small", count: 1, memoryMb: 512, timeoutSeconds: 60, functions: ["small"] },
    { name: "large", count: 1, memoryMb: 4096, timeoutSeconds: 60, functions: ["large"] },
    { name: "empty", count: 0, memoryMb: 8192, timeoutSeconds: 60, functions: ["empty"] },
  ];
  test.each<[string, JobFlags, string]>([
    ["a pool", { targets: "small", memoryMb: 513 }, "must be 512 or less, the memory of the largest pool in targets"],
    ["engines", { targets: [0], memoryMb: 513 }, "must be 512 or less, the memory of the largest pool in targets"],
    ["all engines", { memoryMb: 4097 }, "must be 4096 or less, the memory of the largest pool,"],
    ["an empty pool", { targets: "empty", memoryMb: 1 }, "pool empty has no engines: scale it up"],
  ])("a refusal for memory names the most that the targets have: %s", async (_, flags, message) => {
    const world = new World({ pools, sweeps: false });
    const answer = await world.until(world.scheduler(submitMessage(aJob(1, world.clock.now(), { flags }))));
    expect(answer).toMatchObject({ type: "error", message: expect.stringContaining(message) });
    expect(snapshot(world)).toEqual([]);
  });

  test("status shows engines by id with their loads, and the length of the queue", async () => {
    const { world, puppet } = await withPuppet();
    await puppet.begin();
    const answer = await world.until(world.scheduler({ type: "status" }));
    expect(answer).toMatchObject({
      type: "status",
      status: { engines: [{ id: 0, pool: "engines", load: 2, live: true }], hints: 1, scheme: "leastload", hwm: 2 },
    });
  });
});
