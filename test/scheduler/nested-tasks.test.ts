import { createHash } from "node:crypto";
import { brotliCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { aJob, type Job, type JobPlan, ok, simulatedValue, submitMessage } from "../simulation/a-job.ts";
import { failureRecord, World, type WorldSettings } from "../simulation/world.ts";
import { kept, PuppetEngine } from "./puppet-engine.ts";
import { expectRest } from "./sound.ts";

/** Creates a world with engines played by hand, the first of which runs a task. */
async function withParent(plan: JobPlan = {}, settings: WorldSettings = {}) {
  const events: EngineEvent[] = [];
  const world = new World({ engines: 1, sweeps: false, ...settings, faults: kept(events) });
  const parent = aJob(1, world.clock.now(), plan);
  await world.until(world.submit(parent));
  const [event] = events;
  if (!event) throw new Error("no engine was started");
  const puppet = new PuppetEngine(world, event);
  await puppet.begin();
  return { world, parent, events, puppet, say: speaker(world, puppet) };
}

/** Returns functions that send messages in a puppet's name. */
function speaker(world: World, puppet: PuppetEngine) {
  const send = (message: Record<string, unknown>): Promise<EngineAnswer> =>
    world.until(world.report({ ...message, ...puppet.who }));
  return {
    submit: (child: Job, parent: string) =>
      send({ type: "ask", parent, message: { ...submitMessage(child), units: [] } }),
    abort: (child: Job, parent: string) =>
      send({
        type: "ask",
        parent,
        message: { type: "abort", jobs: [{ job: child.header.id, ranges: [[0, child.header.tasks]] }] },
      }),
    park: (seq = puppet.lease?.seq) => send({ type: "park", seq, leaving: false, have: [] }),
    next: () => send({ type: "next", have: [] }),
    settle: (job: Job, index = 0) => send({ type: "settle", job: job.header.id, entry: ended(world, job, index) }),
    row: (job: string) => send({ type: "read", job }),
    pages: (job: string) => send({ type: "read", job, pages: { bucket: 0, first: 0, past: 1000 } }),
    send,
  };
}

function ended(world: World, job: Job, index: number) {
  const now = world.clock.now();
  return { index, status: "ok", value: simulatedValue(job.header.id, index), started: now, completed: now };
}

/** Returns the id of the first task of a job. */
const first = (job: Job) => taskId(job.header.id, 0);

describe("a task that waits for its children", () => {
  test("a process that knows its engine but not the latest lease still handles the report", async () => {
    const { world, parent, puppet, say } = await withParent({}, { environments: 1 });
    expect(await say.park()).toMatchObject({ type: "waiting" });
    const [idle] = world.engines();
    const child = aJob(2, world.clock.now());
    await say.submit(child, first(parent));
    const next = await say.next();
    expect(next).toMatchObject({ type: "lease", grant: { job: child.header.id } });
    if (next.type === "lease") puppet.lease = next.grant;
    for (const { memory } of world.clusters()) if (idle) memory.fleet.engines.set(idle.id, idle);
    expect(await puppet.report()).toMatchObject({ type: "waiting" });
    expect(await say.settle(parent)).toEqual({ type: "settled" });
    await say.next();
    await expectRest(world);
  });

  test("a task that waits for its children leaves its engine to them, and its own outcome is reported when it ends", async () => {
    const { world, parent, puppet, say } = await withParent();
    const child = aJob(2, world.clock.now(), { tasks: [ok(1), ok(1)] });
    expect(await say.submit(child, first(parent))).toEqual({ type: "asked", answer: { type: "ok" } });
    const parked = await say.park();
    expect(parked).toMatchObject({ type: "lease", grant: { job: child.header.id, seq: 2 } });
    if (parked.type === "lease") puppet.lease = parked.grant;
    let answer = await puppet.report();
    while (answer.type === "lease") answer = await puppet.report();
    expect(answer).toEqual({ type: "waiting", seq: expect.any(Number), ended: expect.anything() });
    expect(await say.settle(parent)).toEqual({ type: "settled" });
    expect(await say.next()).toEqual({ type: "idle" });
    await expectRest(world);
    for (const [job, index] of [
      [parent, 0],
      [child, 0],
      [child, 1],
    ] as const)
      expect(world.outcomes(job).get(index)).toMatchObject([{ status: "ok" }]);
  });

  test("the children of a waiting task, and the task itself, precede work that was queued earlier", async () => {
    const { world, parent, say } = await withParent({}, { hwm: 1 });
    await world.until(world.submit(aJob(2, world.clock.now())));
    const child = aJob(3, world.clock.now());
    await say.submit(child, first(parent));
    expect(await say.park()).toMatchObject({ type: "lease", grant: { job: child.header.id } });
  });

  test("a task that waits for its children gets later work at the next request", async () => {
    const { world, parent, say } = await withParent();
    expect(await say.park()).toMatchObject({ type: "waiting", seq: 2 });
    expect(await say.next()).toMatchObject({ type: "waiting", seq: 2 });
    const child = aJob(2, world.clock.now());
    await say.submit(child, first(parent));
    expect(await say.next()).toMatchObject({ type: "lease", grant: { job: child.header.id, seq: 2 } });
  });

  test("a task that waits for its children is parked once and settled once, however often that is reported", async () => {
    const { world, parent, say } = await withParent();
    await say.park(1);
    expect(await say.park(1)).toMatchObject({ type: "waiting", seq: 2 });
    await say.settle(parent);
    expect(await say.settle(parent)).toEqual({ type: "settled" });
    expect(await say.next()).toEqual({ type: "idle" });
    await expectRest(world);
  });

  test("a task that waits for its children is retried like any other task", async () => {
    const { world, parent, puppet, say } = await withParent({ flags: { retries: 1 } });
    await say.park();
    await say.send({ type: "settle", job: parent.header.id, entry: puppet.failed(0) });
    expect(await say.next()).toMatchObject({ type: "lease", grant: { tasks: [[0, 2, 0, expect.anything()]] } });
    expect(world.outcomes(parent).size).toBe(0);
  });

  test("a task that waits for its children dies with its engine as an EngineError, and a late report from there changes nothing", async () => {
    const { world, parent, events, say } = await withParent();
    await say.park();
    const [event] = events;
    if (event) await world.until(world.report(failureRecord(event, "killed")));
    expect(world.outcomes(parent).get(0)).toMatchObject([{ status: "lost", error: { code: "EngineError" } }]);
    expect(await say.settle(parent)).toMatchObject({ type: "refused" });
    expect(await say.next()).toMatchObject({ type: "refused" });
    await expectRest(world);
  });

  test("a task that waits for its children is stopped if it was aborted", async () => {
    const { world, parent, say } = await withParent();
    await say.park();
    const jobs = [{ job: parent.header.id, ranges: [[0, 1]] }];
    await world.until(world.scheduler({ type: "abort", jobs }));
    expect(await say.next()).toMatchObject({
      type: "waiting",
      parked: [{ job: parent.header.id, ranges: [[0, 1]] }],
    });
  });
});

describe("access of a task through the report function", () => {
  test("a task cannot submit in the name of a task that its session does not hold", async () => {
    const { world, say } = await withParent();
    const stranger = aJob(9, world.clock.now());
    const child = aJob(2, world.clock.now());
    expect(await say.submit(child, first(stranger))).toMatchObject({ type: "refused" });
    expect(await say.submit(child, "no id")).toMatchObject({ type: "refused" });
  });

  test("a task cannot read or abort the jobs of others, nor its own", async () => {
    const { world, parent, say } = await withParent();
    const stranger = aJob(9, world.clock.now(), { flags: { targets: [0] } });
    await world.until(world.submit(stranger));
    for (const job of [stranger, parent]) {
      expect(await say.row(job.header.id)).toMatchObject({ type: "refused" });
      expect(await say.pages(job.header.id)).toMatchObject({ type: "refused" });
      expect(await say.abort(job, first(parent))).toMatchObject({ answer: { type: "error", code: "Refused" } });
    }
  });

  test("a task reads the rows and pages of children and grandchildren", async () => {
    const { world, parent, puppet, say } = await withParent();
    const child = aJob(2, world.clock.now());
    await say.submit(child, first(parent));
    const parked = await say.park();
    if (parked.type === "lease") puppet.lease = parked.grant;
    const grandchild = aJob(3, world.clock.now());
    await say.submit(grandchild, first(child));
    await puppet.report();
    for (const job of [child, grandchild]) expect(await say.row(job.header.id)).toMatchObject({ type: "row", row: {} });
    const read = await say.pages(child.header.id);
    expect(read).toMatchObject({ type: "pages", more: false });
    expect(read.type === "pages" ? read.pages : []).toHaveLength(1);
  });

  test("pages of several jobs are read in one call, but none if one of the jobs is another's", async () => {
    const { world, parent, puppet, say } = await withParent();
    const [one, two] = [aJob(2, world.clock.now()), aJob(3, world.clock.now())];
    const stranger = aJob(9, world.clock.now(), { flags: { targets: [0] } });
    await world.until(world.submit(stranger));
    for (const child of [one, two]) await say.submit(child, first(parent));
    const parked = await say.park();
    if (parked.type === "lease") puppet.lease = parked.grant;
    await puppet.report();
    const pages = { bucket: 0, first: 0, past: 1000 };
    const read = (...others: Job[]) =>
      say.send({
        type: "read",
        job: two.header.id,
        pages,
        also: others.map(({ header }) => ({ job: header.id, pages })),
      });
    const found = { pages: [{ sk: expect.stringMatching(/^o#00000000#/), body: expect.any(String) }], more: false };
    expect(await read(one, two)).toEqual({
      type: "pages",
      pages: [],
      more: false,
      also: [found, { pages: [], more: false }],
    });
    expect(await read(one, stranger)).toMatchObject({ type: "refused" });
    const ended = { type: "read", job: stranger.header.id, pages, also: [{ job: one.header.id, pages }] };
    expect(await say.send(ended)).toMatchObject({ type: "refused" });
  });

  test("the answer to a report or `settle` has the page that it stored, for a parent in the same session", async () => {
    const { world, parent, puppet, say } = await withParent();
    const child = aJob(2, world.clock.now());
    await say.submit(child, first(parent));
    const parked = await say.park();
    if (parked.type === "lease") puppet.lease = parked.grant;
    const grandchild = aJob(3, world.clock.now());
    await say.submit(grandchild, first(child));
    const inner = await say.park();
    if (inner.type === "lease") puppet.lease = inner.grant;
    const stored = async (job: Job) => {
      const read = await say.pages(job.header.id);
      return read.type === "pages" && { job: job.header.id, bucket: 0, ...read.pages[0] };
    };
    const reported = await puppet.report();
    expect(reported).toMatchObject({ type: "waiting", ended: { job: grandchild.header.id, sk: "o#00000000#0" } });
    expect(reported).toMatchObject({ ended: await stored(grandchild) });
    const settled = await say.settle(child);
    expect(settled).toMatchObject({ type: "settled", ended: { job: child.header.id } });
    expect(settled).toMatchObject({ ended: await stored(child) });
    // Its parent is a client.
    expect(await say.settle(parent)).toEqual({ type: "settled" });
  });

  test("an engine gets no outcomes for the parents that another one has parked", async () => {
    const { world, parent, events, say } = await withParent({}, { engines: 2 });
    const child = aJob(2, world.clock.now());
    await say.submit(child, first(parent));
    const [, event] = events;
    if (!event) throw new Error("the child runs on the parent's engine");
    const other = new PuppetEngine(world, event);
    await other.begin();
    expect(await other.report()).toEqual({ type: "idle" });
    expect(await say.pages(child.header.id)).toMatchObject({ pages: [{ sk: "o#00000000#0" }] });
  });

  test("a task cannot submit under the id of another's job, nor depend on one", async () => {
    const { world, parent, say } = await withParent();
    const stranger = aJob(9, world.clock.now());
    await world.until(world.submit(stranger));
    expect(await say.submit(stranger, first(parent))).toMatchObject({ answer: { code: "Refused" } });
    const after = [{ on: [[stranger.header.id, 0, 1]], all: true, success: true, failure: false }];
    const { header, pages } = aJob(2, world.clock.now());
    const jobs = [{ header: { ...header, free: 0 }, pages, waits: [{ from: 0, to: 1, after }], last: true }];
    const message = { type: "submit", units: [], jobs };
    expect(await say.send({ type: "ask", parent: first(parent), message })).toMatchObject({
      answer: { code: "Refused" },
    });
  });

  test("a task cannot send code under the hash of other code", async () => {
    const { world, parent, say } = await withParent();
    const body = brotliCompressSync("() => 1").toString("base64");
    const right = createHash("sha256").update("() => 1").digest("hex");
    const send = (hash: string, number: number) => {
      const message = { ...submitMessage(aJob(number, world.clock.now())), units: [{ hash, body }] };
      return say.send({ type: "ask", parent: first(parent), message });
    };
    expect(await send("b".repeat(64), 2)).toMatchObject({ answer: { code: "Refused" } });
    expect(await send(right, 3)).toMatchObject({ answer: { type: "ok" } });
  });

  test("a message with a second nonce, or of an ended session, is refused", async () => {
    const { world, parent, events, puppet } = await withParent();
    const [event] = events;
    if (!event) throw new Error("no engine was started");
    const second = speaker(world, new PuppetEngine(world, event, "1".repeat(32)));
    const child = aJob(2, world.clock.now());
    for (const answer of [
      await second.submit(child, first(parent)),
      await second.park(puppet.lease?.seq),
      await second.next(),
      await second.settle(parent),
      await second.row(child.header.id),
    ])
      expect(answer).toMatchObject({ type: "refused" });
  });
});
