import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { drain, waitForEngines } from "../../client/cluster/engine-roster.ts";
import { Dependency } from "../../client/flags/dependency.ts";
import type { Flags } from "../../client/flags/flags.ts";
import { getResult } from "../../client/results/get-result.ts";
import { waitFor } from "../../client/results/named-tasks.ts";
import { DirectView } from "../../client/views/direct-view.ts";
import type { LoadBalancedView } from "../../client/views/view.ts";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { TaskAborted } from "../../lambdas/protocol/remote-error.ts";
import { aClient, resubmitted, type TestClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;

async function caught(promise: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(promise).then(
    (value) => new Error(`it resolved to ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

/** Every way to submit tasks with a view's flags. */
const WAYS: [string, (view: LoadBalancedView, client: TestClient, flags: Flags) => PromiseLike<unknown>][] = [
  ["apply", (view) => view.apply(same, 1)],
  ["applySync", (view) => view.applySync(same, 1)],
  ["map", (view) => view.map(same, [1, 2])],
  ["a chunked map", (view) => view.withFlags({ chunkSize: 2 }).map(same, [1, 2, 3])],
  ["a map with a key", (view) => view.withFlags({ idempotencyKey: "k" }).map(same, [1, 2, 3])],
  ["mapSync", (view) => view.mapSync(same, [1, 2])],
  ["a map that is iterated", (view) => all(view.map(same, [1, 2]))],
  ["a map that is iterated as completed", (view) => all(view.withFlags({ ordered: false }).map(same, [1, 2]))],
  ["imap", (view) => all(view.imap(same, [1, 2]))],
  ["imap with returnExceptions", (view) => all(view.withFlags({ returnExceptions: true }).imap(same, [1, 2]))],
  ["parallel", (view) => view.parallel((xs: readonly number[]) => xs.length)([1, 2])],
  ["remote", (view) => view.remote(same)(1)],
  ["an executor's submit", (view) => view.executor().submit(same, 1)],
  ["an executor's map", (view) => all(view.executor().map(same, [1]))],
  ["a direct view's apply", (_, { core }, { signal }) => new DirectView(core, [0, 1], { signal }).apply(same, 1)],
  ["a direct view's map", (_, { core }, { signal }) => new DirectView(core, undefined, { signal }).map(same, [1, 2])],
];

describe("a signal in the flags", () => {
  it.each(WAYS)("if aborted before the call, %s submits nothing and rejects with TaskAborted", async (_, submit) => {
    const flags = { signal: AbortSignal.abort() };
    const client = aClient(flags);
    client.cloud.behaviour = ([x]) => x;
    const error = await client.clock.until(caught(submit(client.view, client, flags)));
    expect(error).toBeInstanceOf(TaskAborted);
    expect(client.cloud.messages).toEqual([]);
    expect(client.core.history.ids()).toEqual([]);
    expect(getEventListeners(flags.signal, "abort")).toEqual([]);
    expect(client.clock.pending).toBe(0);
  });

  it.each(WAYS)("if aborted in the turn of the call, %s submits nothing", async (_, submit) => {
    const stop = new AbortController();
    const client = aClient({ signal: stop.signal });
    client.cloud.behaviour = ([x]) => x;
    const waiting = caught(submit(client.view, client, { signal: stop.signal }));
    stop.abort();
    expect(await client.clock.until(waiting)).toBeInstanceOf(TaskAborted);
    expect(client.cloud.messages).toEqual([]);
    expect(client.core.history.ids()).toEqual([]);
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  });

  it("a signal does not affect other submissions of the same turn, or later ones", async () => {
    const stop = new AbortController();
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    const stopped = view.withFlags({ signal: stop.signal });
    const results = [view.apply(same, 1), stopped.apply(same, 2), view.apply(same, 3), stopped.map(same, [4])];
    stop.abort();
    const late = [view.apply(same, 5), stopped.apply(same, 6)];
    const ends = await clock.until(Promise.all([...results, ...late].map((result) => caught(result))));
    expect(ends.map((end) => (end instanceof TaskAborted ? "aborted" : String(end)))).toEqual([
      "Error: it resolved to 1",
      "aborted",
      "Error: it resolved to 3",
      "aborted",
      "Error: it resolved to 5",
      "aborted",
    ]);
    expect(cloud.headers.size).toBe(2);
    expect(cloud.sent("abort")).toEqual([]);
  });

  it("a signal withdraws jobs that are queued behind a message in flight", async () => {
    const stop = new AbortController();
    const { view, cloud, clock } = aClient();
    let answer = () => {};
    cloud.answer = () =>
      cloud.messages.length > 1
        ? undefined
        : new Promise((resolve) => {
            answer = () => resolve({ type: "ok" });
          });
    const first = view.map(same, [1]);
    await settle();
    const second = view.withFlags({ signal: stop.signal }).map(same, [2, 3]);
    await settle();
    stop.abort();
    const error = caught(second);
    answer();
    expect(await clock.until(error)).toBeInstanceOf(TaskAborted);
    expect(cloud.sent("submit").flatMap(({ jobs }) => jobs.map(({ header }) => header.id))).toEqual([first.jobId]);
  });

  it("every method of a result that was aborted before its submission still works", async () => {
    const { view, clock } = aClient({ signal: AbortSignal.abort(), returnExceptions: true });
    const map = view.map(same, [1, 2]);
    expect(map.taskIds).toEqual([`${map.jobId}.0`, `${map.jobId}.1`]);
    expect(await clock.until(map)).toEqual([expect.any(TaskAborted), expect.any(TaskAborted)]);
    expect(await Promise.all([map.wait(), map.ready(), map.successful(), map.progress()])).toEqual([
      true,
      true,
      false,
      2,
    ]);
    expect(await map.metadata()).toMatchObject([{ status: "aborted" }, { status: "aborted" }]);
    await map.abort();
  });

  it("dependents of an aborted submission fail with ImpossibleDependency, in the same turn or later", async () => {
    const stop = new AbortController();
    const { view, cloud, clock } = aClient();
    const stopped = view.withFlags({ signal: stop.signal });
    const parent = stopped.apply(same, 1);
    const child = stopped.apply(same, parent);
    stop.abort();
    const late = [
      view.apply(same, parent),
      view.withFlags({ after: parent }).map(same, [1, 2]),
      view.withFlags({ after: new Dependency([parent, child], { all: false }) }).apply(same, 1),
    ];
    for (const result of late) {
      const error = await clock.until(caught(result));
      expect(error).toMatchObject({ code: "ImpossibleDependency", reason: "was aborted", dependency: parent.jobId });
    }
    expect(await clock.until(caught(child))).toBeInstanceOf(TaskAborted);
    expect(cloud.messages).toEqual([]);
    cloud.behaviour = ([x]) => x;
    const cleanUp = new Dependency(parent, { success: false, failure: true });
    const other = view.apply(same, 7);
    const either = new Dependency([parent, other], { all: false });
    const runs = [view.withFlags({ after: cleanUp }).apply(same, 8), view.withFlags({ after: either }).apply(same, 9)];
    expect(await clock.until(Promise.all(runs))).toEqual([8, 9]);
  });

  it("a job on which another queued task depends is submitted before its abort is sent", async () => {
    const stop = new AbortController();
    const { view, cloud } = aClient();
    const parent = view.withFlags({ signal: stop.signal }).apply(same, 1);
    view.apply(same, parent);
    stop.abort();
    await settle();
    expect(cloud.log).toEqual(["submit", "abort"]);
    expect(cloud.sent("abort")[0]?.jobs).toEqual([{ job: parent.jobId.slice(0, 26), ranges: [[0, 1]] }]);
  });

  it("an idempotency key whose submission was aborted before it was sent can be used later", async () => {
    const stop = new AbortController();
    const { view, cloud, clock } = aClient({ idempotencyKey: "once" });
    cloud.behaviour = ([x]) => x;
    const aborted = view.withFlags({ signal: stop.signal }).apply(same, 1);
    stop.abort();
    expect(await clock.until(caught(aborted))).toBeInstanceOf(TaskAborted);
    expect(await clock.until(view.apply(same, 2))).toBe(2);
    expect(await clock.until(caught(view.withFlags({ signal: stop.signal }).apply(same, 3)))).toBeInstanceOf(
      TaskAborted,
    );
    expect(await clock.until(view.apply(same, 4))).toBe(2);
  });

  it("a signal aborts tasks even if nothing refers to their results", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const stop = new AbortController();
    const { view, cloud } = aClient({ signal: stop.signal });
    view.apply(same, 1);
    await settle();
    collectGarbage();
    await settle();
    stop.abort();
    await settle();
    expect(cloud.sent("abort").map(({ jobs }) => jobs)).toEqual([[{ job: cloud.lastJob, ranges: [[0, 1]] }]]);
  });

  it("a signal's listener is removed when all tasks have ended", async () => {
    const { signal } = new AbortController();
    const { view, cloud, clock } = aClient({ signal });
    cloud.behaviour = ([x]) => x;
    for (let round = 0; round < 3; round++) {
      const results = [view.map(same, [1, 2]), view.apply(same, 3)];
      expect(getEventListeners(signal, "abort")).toHaveLength(1);
      await clock.until(Promise.all(results));
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
    }
    await clock.until(all(view.imap(same, [1, 2, 3])));
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("a signal in the flags of resubmit", () => {
  it.each([
    ["a task", (id: string) => `${id}.0`],
    ["a job", (id: string) => id],
  ])("if aborted before or in the turn of the call, nothing is resubmitted: %s", async (_, idOf) => {
    const { view, core, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    const { jobId } = view.map(same, [1, 2]);
    await settle();
    expect(await clock.until(caught(resubmitted(core, idOf(jobId), { signal: AbortSignal.abort() })))).toBeInstanceOf(
      TaskAborted,
    );
    const stop = new AbortController();
    const inTurn = caught(resubmitted(core, idOf(jobId), { signal: stop.signal }));
    stop.abort();
    expect(await clock.until(inTurn)).toBeInstanceOf(TaskAborted);
    expect(cloud.sent("resubmit")).toEqual([]);
  });

  it("a later abort ends resubmitted tasks, awaited or not", async () => {
    const { view, core, cloud } = aClient();
    const { jobId } = view.map(same, [1, 2]);
    await settle();
    const stop = new AbortController();
    const again = resubmitted(core, jobId, { signal: stop.signal });
    await settle();
    stop.abort();
    await settle();
    expect(cloud.sent("abort")[0]?.jobs).toEqual([{ job: cloud.lastJob, ranges: [[0, 2]] }]);
    await again.info();
    expect(again.jobId).toBe(cloud.lastJob);
  });
});

describe("a signal given to a wait", () => {
  const reason = new Error("enough");
  /** Every way to wait with a signal. None of them ends by itself. */
  const waits: [string, (client: TestClient, signal: AbortSignal) => PromiseLike<unknown>][] = [
    ["get", ({ view }, signal) => view.map(same, [1]).get({ signal })],
    ["get of an id", ({ core }, signal) => getResult(core, `${core.submitter.newId()}.0`).get({ signal })],
    ["wait", ({ view }, signal) => view.map(same, [1]).wait({ signal })],
    ["wait for the first", ({ view }, signal) => view.map(same, [1]).wait({ signal, returnWhen: "FIRST_COMPLETED" })],
    ["byEngine", ({ view }, signal) => view.map(same, [1]).byEngine({ signal })],
    ["waitInteractive", ({ view }, signal) => view.map(same, [1]).waitInteractive({ signal, output: noOutput() })],
    ["streamOutput", ({ view }, signal) => view.map(same, [1]).streamOutput({ signal })],
    ["client.wait", ({ core, view }, signal) => waitFor(core, [view.map(same, [1])], { signal })],
    ["client.wait for an id", ({ core }, signal) => waitFor(core, core.submitter.newId(), { signal })],
    [
      "client.wait for all",
      ({ core, view }, signal) => {
        view.map(same, [1]);
        return waitFor(core, undefined, { signal });
      },
    ],
    ["waitForEngines", ({ core }, signal) => waitForEngines(core, 99, { signal })],
    ["drain", ({ core }, signal) => drain(core, [0], { signal })],
  ];

  it.each(waits)("if aborted before the call, %s rejects with its reason", async (_, wait) => {
    const client = aClient();
    const signal = AbortSignal.abort(reason);
    expect(await client.clock.until(caught(wait(client, signal)))).toBe(reason);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(client.cloud.sent("abort")).toEqual([]);
  });

  it.each(waits)(
    "if aborted while the cloud does not answer, %s rejects with its reason and leaves no listener",
    async (_, wait) => {
      const client = aClient();
      client.cloud.answer = () => new Promise(() => {});
      client.cloud.jobRow = () => new Promise(() => {});
      const stop = new AbortController();
      const waiting = caught(wait(client, stop.signal));
      await settle();
      stop.abort(reason);
      expect(await client.clock.until(waiting)).toBe(reason);
      expect(getEventListeners(stop.signal, "abort")).toEqual([]);
    },
  );

  it("waits that share a signal add only one listener to it", async () => {
    const { view, cloud, clock } = aClient();
    const { signal } = new AbortController();
    const waits = Array.from({ length: 30 }, (_, x) => view.apply(same, x).get({ signal }));
    await settle();
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    cloud.end(cloud.lastJob, 0, 30);
    expect(await clock.until(Promise.all(waits))).toHaveLength(30);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("a signal that is not an AbortSignal is refused with InvalidFlag", async () => {
    const { view } = aClient();
    const signal = "stop" as unknown as AbortSignal;
    for (const wait of [view.map(same, [1]).get({ signal }), view.map(same, [1]).wait({ signal })])
      expect(await caught(wait)).toBeInstanceOf(InvalidFlag);
  });

  it("a signal does not keep a timeout from ending the wait for unknown tasks", async () => {
    const { core, cloud, clock } = aClient();
    cloud.jobRow = () => new Promise(() => {});
    const result = getResult(core, `${core.submitter.newId()}.0`);
    expect(String(await clock.until(caught(result.get({ timeoutMs: 300 }))))).toContain("timed out after 300 ms");
    expect(await clock.until(result.wait({ timeoutMs: 300 }))).toBe(false);
  });
});

function noOutput(): NodeJS.WritableStream {
  return { write: () => true } as unknown as NodeJS.WritableStream;
}
