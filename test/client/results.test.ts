import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeValue } from "../../lambdas/protocol/codec.ts";
import { CompositeError } from "../../lambdas/protocol/composite-error.ts";
import { NotReady, ResultTimeout, ValueLost } from "../../lambdas/protocol/errors.ts";
import type { Entry } from "../../lambdas/protocol/outcome-page.ts";
import { EngineError, RemoteError, TaskAborted } from "../../lambdas/protocol/remote-error.ts";
import { aClient, type TestClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;
const failOn =
  (...bad: number[]) =>
  (args: unknown[]) => {
    if (bad.includes(Number(args[0]))) throw new RangeError(`not ${args[0]}`);
    return Number(args[0]) * 10;
  };

let unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on("unhandledRejection", onUnhandled);
});
afterEach(async () => {
  await settle();
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
});

async function caught(promise: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(promise).then(
    (value) => new Error(`it resolved to ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

describe("an apply's result", () => {
  it("an apply's result is the function's value, however often it is read", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => ({ doubled: 2 * Number(x) });
    const result = view.apply(same, 4);
    expect(await clock.until(result)).toEqual({ doubled: 8 });
    expect(await result.get()).toEqual({ doubled: 8 });
  });

  it("an apply's result may be undefined, null, or an error that was returned", async () => {
    const { view, cloud, clock } = aClient();
    const values = [undefined, null, new TypeError("returned"), Number.NaN];
    cloud.behaviour = (_, index) => values[index];
    const results = await clock.until(Promise.all(values.map((_, x) => view.apply(same, x))));
    expect(results.slice(0, 2)).toEqual([undefined, null]);
    expect(results[2]).toBeInstanceOf(TypeError);
    expect(results[3]).toBeNaN();
  });

  it("an apply's result rejects with the task's own error, never with a CompositeError", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = failOn(7);
    const result = view.apply(same, 7);
    const error = (await clock.until(caught(result))) as RemoteError;
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ ename: "RangeError", evalue: "not 7", engineId: 0, taskId: result.jobId });
  });

  it("a long value of a result is fetched from the blob store", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = () => "y".repeat(100_000);
    expect((await clock.until(view.apply(same, 1))) as unknown as string).toHaveLength(100_000);
    expect(cloud.blobReads).toBe(1);
  });

  it("long values of a map are read together from their pack", async () => {
    const { view, cloud, clock } = aClient();
    cloud.packs = true;
    cloud.behaviour = (_, index) => `${index} ${"y".repeat(20_000)}`;
    const values = await clock.until(
      view.map(
        same,
        Array.from({ length: 100 }, (_, x) => x),
      ),
    );
    expect(values.map((value) => Number.parseInt(String(value), 10))).toEqual(values.map((_, x) => x));
    expect(cloud.blobReads).toBeLessThanOrEqual(cloud.blobs.size);
  });

  it.each([true, false])("a loop over long values reads neighbours together, ordered: %s", async (ordered) => {
    const { view, cloud, clock } = aClient({ ordered });
    cloud.packs = true;
    cloud.behaviour = (_, index) => `${index} ${"y".repeat(20_000)}`;
    const result = view.map(
      same,
      Array.from({ length: 100 }, (_, x) => x),
    );
    const read = async () => {
      const found: number[] = [];
      for await (const value of result) found.push(Number.parseInt(String(value), 10));
      return found;
    };
    expect(await clock.until(read())).toEqual(Array.from({ length: 100 }, (_, x) => x));
    expect(cloud.blobReads).toBeLessThanOrEqual(cloud.blobs.size);
  });

  it("long values are read while other tasks run", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1, 2]);
    const values = clock.until(result);
    await settle();
    const value = cloud.keep(encodeValue("y".repeat(20_000), "result"));
    cloud.write(cloud.lastJob, [{ index: 1, attempt: 1, status: "ok", final: true, value }], {}, "L1");
    await clock.until(result.wait({ timeoutMs: 2_000 }));
    expect(cloud.blobReads).toBe(1);
    cloud.end(cloud.lastJob, 0, 1);
    cloud.end(cloud.lastJob, 2, 3);
    expect(await values).toEqual([0, "y".repeat(20_000), 2]);
    expect(cloud.blobReads).toBe(1);
  });

  it("a lost value fails its own item only", async () => {
    const { view, cloud, clock } = aClient();
    cloud.packs = true;
    cloud.behaviour = (_, index) => (index === 1 ? "z".repeat(20_000) : index);
    const result = view.map(same, [0, 1, 2]);
    cloud.getPart = async (pack) => Promise.reject(new ValueLost(`pack ${pack} is not in the bucket`));
    cloud.getBlob = async (hash) => Promise.reject(new ValueLost(`blob ${hash} is not in the bucket`));
    const error = (await clock.until(caught(result))) as CompositeError;
    expect(error).toBeInstanceOf(CompositeError);
    expect(error.indexes).toEqual([1]);
    expect(error.errors[0]).toBeInstanceOf(ValueLost);
    expect(await clock.until(result.get({ returnExceptions: true }))).toEqual([0, error.errors[0], 2]);
  });

  it("an apply's result iterates as one item, even if it is a list", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = () => [1, 2, 3];
    const items: unknown[] = [];
    const all = (async () => {
      for await (const item of view.apply(same, 1)) items.push(item);
    })();
    await clock.until(all);
    expect(items).toEqual([[1, 2, 3]]);
  });
});

describe("a map's result", () => {
  it("a map's result is the list of values in the order of the items", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [3, 1, 2]);
    await settle();
    cloud.end(result.jobId, 2, 3, () => "c");
    cloud.end(result.jobId, 0, 2, (index) => "ab"[index]);
    expect(await clock.until(result)).toEqual(["a", "b", "c"]);
  });

  it("a map's result stops at the shortest sequence and closes the others", async () => {
    const { view, cloud, clock } = aClient();
    let isClosed = false;
    function* endless() {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        isClosed = true;
      }
    }
    cloud.behaviour = (args) => args;
    const result = view.map((x: number, y: string) => [x, y], endless(), new Set(["a", "b"]));
    expect(result.length).toBe(2);
    expect(isClosed).toBe(true);
    expect(await clock.until(result)).toEqual([
      [0, "a"],
      [1, "b"],
    ]);
  });

  it("an empty map is an empty list at once, and sends nothing", async () => {
    const { view, cloud } = aClient();
    const result = view.map(same, []);
    expect([result.length, result.taskIds]).toEqual([0, []]);
    expect(await result).toEqual([]);
    expect(await result.ready()).toBe(true);
    expect(await result.wallTimeMs()).toBe(0);
    expect(await result.metadata()).toEqual([]);
    await settle();
    expect(cloud.messages).toEqual([]);
  });

  it("a map's result rejects with a CompositeError of every failed item, after all have ended", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = failOn(1, 3);
    const error = (await clock.until(caught(view.map(same, [0, 1, 2, 3])))) as CompositeError;
    expect(error).toBeInstanceOf(CompositeError);
    expect(error.indexes).toEqual([1, 3]);
    expect(error.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining("not 1"),
      expect.stringContaining("not 3"),
    ]);
  });

  it("with returnExceptions, by flag or by get, errors are in their items' places and the length is kept", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = failOn(1);
    const byFlag = await clock.until(view.withFlags({ returnExceptions: true }).map(same, [0, 1, 2]));
    const result = view.map(same, [0, 1, 2]);
    const byGet = await clock.until(result.get({ returnExceptions: true }));
    for (const values of [byFlag, byGet]) expect(values).toEqual([0, expect.any(RemoteError), 20]);
    expect(await caught(result)).toBeInstanceOf(CompositeError);
  });

  it("failures of the cluster reject a map with typed errors", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1]);
    await settle();
    const lost = { code: "EngineError", ename: "EngineError", evalue: "engine 1 died" } as const;
    const aborted = { code: "TaskAborted", ename: "TaskAborted", evalue: "aborted" } as const;
    cloud.write(result.jobId, [
      { index: 0, attempt: 1, status: "lost", final: true, error: lost },
      { index: 1, attempt: 1, status: "aborted", final: true, error: aborted },
    ]);
    const values = await clock.until(result.get({ returnExceptions: true }));
    expect(values).toEqual([expect.any(EngineError), expect.any(TaskAborted)]);
  });

  it("a map's result reads 2,500 tasks from pages that cross the buckets' edges", async () => {
    const { view, cloud, clock } = aClient();
    const xs = Array.from({ length: 2500 }, (_, x) => x);
    const result = view.map(same, xs);
    await settle();
    for (const [from, to] of [
      [1990, 2500],
      [0, 300],
      [300, 995],
      [995, 1010],
      [1010, 1990],
    ] as const) {
      cloud.end(result.jobId, from, to);
      await clock.advance(500);
    }
    expect(await clock.until(result)).toEqual(xs);
  });
});

describe("a chunked map", () => {
  it("a chunked map cuts 9 items by 4 into 3, 3 and 3, and joins their results", async () => {
    const { view, cloud, clock } = aClient({ chunkSize: 4 });
    cloud.behaviour = ([x]) => Number(x) + 1;
    const result = view.map(same, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await clock.until(result)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(result.length).toBe(9);
    expect(result.taskIds).toHaveLength(3);
    expect([0, 1, 2].map((task) => cloud.args(result.jobId, task).length)).toEqual([3, 3, 3]);
  });

  it("a chunked map fails item by item, and keeps its length", async () => {
    const { view, cloud, clock } = aClient({ chunkSize: 4 });
    cloud.behaviour = failOn(2, 5);
    const result = view.map(same, [0, 1, 2, 3, 4, 5, 6]);
    const error = (await clock.until(caught(result))) as CompositeError;
    expect(error.indexes).toEqual([2, 5]);
    expect(await result.get({ returnExceptions: true })).toEqual([
      0,
      10,
      expect.any(RemoteError),
      30,
      40,
      expect.any(RemoteError),
      60,
    ]);
    expect((await result.metadata()).map(({ status }) => status)).toEqual([
      "ok",
      "ok",
      "error",
      "ok",
      "ok",
      "error",
      "ok",
    ]);
  });

  it("if an engine dies, every item of its chunk fails with its error", async () => {
    const { view, cloud, clock } = aClient({ chunkSize: 2 });
    const result = view.map(same, [0, 1, 2]);
    await settle();
    const lost = { code: "EngineError", ename: "EngineError", evalue: "gone" } as const;
    cloud.write(result.jobId, [
      { index: 0, attempt: 1, status: "lost", final: true, error: lost },
      { index: 1, attempt: 1, status: "ok", final: true, value: '[[1,"J5"]]' },
    ]);
    expect(await clock.until(result.get({ returnExceptions: true }))).toEqual([
      expect.any(EngineError),
      expect.any(EngineError),
      5,
    ]);
  });

  it("a chunk stored as a blob is read once", async () => {
    const { view, cloud, clock } = aClient({ chunkSize: 100 });
    const result = view.map(
      same,
      Array.from({ length: 100 }, (_, x) => x),
    );
    await settle();
    const text = JSON.stringify(Array.from({ length: 100 }, (_, x) => [1, `J${x}`]));
    cloud.write(result.jobId, [
      { index: 0, attempt: 1, status: "ok", final: true, value: cloud.keep(Buffer.from(text)) },
    ]);
    expect((await clock.until(result))[99]).toBe(99);
    expect(cloud.blobReads).toBe(1);
  });
});

describe("iteration", () => {
  async function collect(result: AsyncIterable<unknown>, into: unknown[]): Promise<void> {
    for await (const item of result) into.push(item);
  }

  it("iteration yields items in input order as soon as they are ready", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1, 2, 3]);
    const items: unknown[] = [];
    const all = collect(result, items);
    await settle();
    cloud.end(result.jobId, 2, 3);
    await clock.advance(300);
    expect(items).toEqual([]);
    cloud.end(result.jobId, 0, 2);
    await clock.advance(300);
    expect(items).toEqual([0, 1, 2]);
    cloud.end(result.jobId, 3, 4);
    await clock.until(all);
    expect(items).toEqual([0, 1, 2, 3]);
  });

  it("iteration yields items as they complete with ordered: false", async () => {
    const { view, cloud, clock } = aClient({ ordered: false });
    const result = view.map(same, [0, 1, 2, 3]);
    const items: unknown[] = [];
    const all = collect(result, items);
    await settle();
    for (const index of [2, 0, 3, 1]) {
      cloud.end(result.jobId, index, index + 1);
      await clock.advance(300);
    }
    await clock.until(all);
    expect(items).toEqual([2, 0, 3, 1]);
  });

  it.each([true, false])(
    "iteration yields the items before a failed one, then throws its error with its place (ordered: %s)",
    async (ordered) => {
      const { view, cloud, clock } = aClient({ ordered });
      cloud.behaviour = failOn(2);
      const items: unknown[] = [];
      const error = await clock.until(caught(collect(view.map(same, [0, 1, 2, 3]), items)));
      expect(items).toEqual([0, 10]);
      expect(error).toBeInstanceOf(CompositeError);
      expect((error as CompositeError).indexes).toEqual([2]);
    },
  );

  it("iteration yields errors as values with returnExceptions", async () => {
    const { view, cloud, clock } = aClient({ returnExceptions: true });
    cloud.behaviour = failOn(1);
    const items: unknown[] = [];
    await clock.until(collect(view.map(same, [0, 1, 2]), items));
    expect(items).toEqual([0, expect.any(RemoteError), 20]);
  });

  it("leaving an iteration ends its polling", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1]);
    await settle();
    cloud.end(result.jobId, 0, 1);
    const first = (async () => {
      for await (const item of result) return item;
      return undefined;
    })();
    expect(await clock.until(first)).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it("iteration rejects if the submission was refused", async () => {
    for (const ordered of [true, false]) {
      const { view, cloud, clock } = aClient({ ordered });
      cloud.answer = () => ({ type: "error", code: "Refused", message: "no" });
      expect(String(await clock.until(caught(collect(view.map(same, [0, 1]), []))))).toContain("no");
    }
  });
});

describe("waiting", () => {
  it("a timeout rejects with ResultTimeout, and waiting can be resumed", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1, 2]);
    const error = await clock.until(caught(result.get({ timeoutMs: 50 })));
    expect(error).toBeInstanceOf(ResultTimeout);
    expect(String(error)).toContain("3 of 3 tasks");
    cloud.end(result.jobId, 0, 3);
    expect(await clock.until(result.get({ timeoutMs: -1 }))).toEqual([0, 1, 2]);
  });

  it("timeoutMs: 0 polls once", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.apply(same, 1);
    expect(await caught(result.get({ timeoutMs: 0 }))).toBeInstanceOf(ResultTimeout);
    cloud.end(cloud.lastJob, 0, 1, () => "there");
    expect(await result.get({ timeoutMs: 0 })).toBe("there");
    expect(cloud.queries).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it("a signal given to a wait ends the wait but not the tasks", async () => {
    const { view, cloud, clock } = aClient();
    const stop = new AbortController();
    const result = view.map(same, [0]);
    const waiting = caught(result.get({ signal: stop.signal }));
    await clock.advance(30);
    stop.abort(new Error("enough"));
    expect(String(await waiting)).toContain("enough");
    await settle();
    expect(cloud.sent("abort")).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("wait returns whether all tasks have ended, and never rejects for a failed task", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1]);
    expect(await result.ready()).toBe(false);
    expect(await clock.until(result.wait({ timeoutMs: 20 }))).toBe(false);
    expect(await caught(result.successful())).toBeInstanceOf(NotReady);
    cloud.end(result.jobId, 0, 2, () => {
      throw new Error("no");
    });
    expect(await clock.until(result.wait())).toBe(true);
    expect([await result.ready(), await result.successful()]).toEqual([true, false]);
  });

  it("with returnWhen, wait ends at the first outcome or at the first failure", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map(same, [0, 1, 2]);
    await settle();
    cloud.end(result.jobId, 1, 2);
    const first = await clock.until(result.wait({ returnWhen: "FIRST_COMPLETED" }));
    expect(first.done.map(({ jobId }) => jobId)).toEqual([`${result.jobId}.1`]);
    expect(first.pending).toHaveLength(2);
    const failing = result.wait({ returnWhen: "FIRST_EXCEPTION" });
    await clock.advance(50);
    cloud.end(result.jobId, 0, 1, () => {
      throw new Error("no");
    });
    expect((await clock.until(failing)).pending.map(({ taskIds }) => taskIds)).toEqual([[`${result.jobId}.2`]]);
    expect(await first.done[0]).toBe(1);
  });

  it("an unawaited result polls nothing, and its failure raises no unhandledRejection", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = failOn(0);
    view.apply(same, 0);
    view.map(same, [0]);
    await clock.advance(5000);
    expect(cloud.queries).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("a result has then, catch and finally, like a promise", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = failOn(1);
    const good = view.apply(same, 2);
    const seen: string[] = [];
    const settled = Promise.all([
      good.then((value) => seen.push(`then ${value}`)),
      good.finally(() => seen.push("finally")),
      view.apply(same, 1).catch((error: Error) => seen.push(error.name)),
      view
        .apply(same, 1)
        .finally(() => seen.push("failed"))
        .catch(() => {}),
    ]);
    await clock.until(settled);
    expect(seen.sort()).toEqual(["RemoteError", "failed", "finally", "then 20"]);
    expect(Object.prototype.toString.call(good)).toBe("[object AsyncResult]");
  });
});

describe("facts about a result", () => {
  async function threeRuns(): Promise<TestClient & { result: ReturnType<TestClient["view"]["map"]> }> {
    const client = aClient({ label: "census", retries: 2 });
    const { view, cloud, clock } = client;
    const result = view.map(same, [0, 1]);
    const start = clock.now();
    await settle();
    const run = (index: number, attempt: number, rest: Partial<Entry>): Entry => ({
      index,
      attempt,
      status: "ok",
      final: true,
      started: start + 100 * attempt,
      completed: start + 100 * attempt + 40,
      ...rest,
    });
    const failure = { code: "RemoteError", ename: "Error", evalue: "flaky" } as const;
    const again = { status: "error", final: false, error: failure } as const;
    cloud.write(result.jobId, [run(0, 1, { value: "J1", stdout: "hello\n" }), run(1, 1, again)], {
      received: start + 150,
    });
    cloud.write(result.jobId, [run(1, 2, again)], { received: start + 250, engine: 1 }, "L2");
    await clock.advance(100);
    cloud.write(result.jobId, [run(1, 3, { value: "J2", stderr: "oh\n" })], { received: start + 350 }, "L3");
    return { ...client, result };
  }

  it("metadata lists every attempt", async () => {
    const { result, clock } = await threeRuns();
    await clock.until(result);
    const [first, second] = await result.metadata();
    expect(first).toMatchObject({
      index: 0,
      status: "ok",
      jobId: result.jobId,
      label: "census",
      engineId: 0,
      error: undefined,
    });
    expect(first?.attempts).toHaveLength(1);
    expect(second?.attempts.map(({ status, engineId }) => [status, engineId])).toEqual([
      ["error", 0],
      ["error", 1],
      ["ok", 0],
    ]);
    expect(second?.attempts[0]?.error).toBeInstanceOf(RemoteError);
    expect(second?.enginePool).toBe("default");
  });

  it("stdout has the tasks' output, one text per item", async () => {
    const { result, clock } = await threeRuns();
    expect(await clock.until(result.stdout())).toEqual(["hello\n", ""]);
    expect(await result.stderr()).toEqual(["", "oh\n"]);
  });

  it("elapsed time becomes wall time when all have ended, and serial time sums the runs", async () => {
    const { view, clock: other } = aClient();
    const pending = view.map(same, [0]);
    await other.advance(70);
    expect(await pending.elapsedMs()).toBe(70);
    const { result, clock } = await threeRuns();
    expect(await clock.until(result.wallTimeMs())).toBe(350);
    expect(await result.serialTimeMs()).toBe(80);
    expect(await result.elapsedMs()).toBe(350);
  });

  it("progress counts the items that have ended", async () => {
    const { view, cloud } = aClient({ chunkSize: 3 });
    const result = view.map(same, [0, 1, 2, 3, 4]);
    expect(await result.progress()).toBe(0);
    cloud.write(result.jobId, [{ index: 0, attempt: 1, status: "ok", final: true, value: "[]" }]);
    expect(await result.progress()).toBe(3);
    expect(await result.info()).toMatchObject({ jobId: result.jobId, length: 5, tasks: 2 });
  });

  it("an unfinished task's status is pending", async () => {
    const { view } = aClient();
    const result = view.apply(same, 1);
    expect(await result.metadata()).toMatchObject({
      taskId: result.jobId,
      jobId: result.jobId,
      status: "pending",
      attempts: [],
    });
  });
});

describe("abort", () => {
  it("aborts of one turn of the event loop are one message, sent after the tasks' submissions", async () => {
    const { view, cloud, clock } = aClient();
    const done = view.map(same, [0, 1, 2]);
    await settle();
    cloud.end(done.jobId, 1, 2);
    await done.ready();
    const [, fresh] = [view.apply(same, 0), view.apply(same, 1)];
    await Promise.all([done.abort(), fresh.abort()]);
    expect(cloud.log).toEqual(["submit", "submit", "abort"]);
    expect(cloud.sent("abort")[0]?.jobs).toEqual([
      {
        job: done.jobId,
        ranges: [
          [0, 1],
          [2, 3],
        ],
      },
      { job: fresh.jobId.slice(0, 26), ranges: [[1, 2]] },
    ]);
    expect(clock.pending).toBe(0);
  });

  it("aborting a job that was not sent yet withdraws it", async () => {
    const { view, cloud, clock } = aClient();
    const [map, one, other] = [view.map(same, [0, 1]), view.apply(same, 2), view.apply(same, 3)];
    await Promise.all([map.abort(), one.abort(), other.abort()]);
    expect(await clock.until(caught(map))).toBeInstanceOf(TaskAborted);
    expect(await clock.until(caught(one))).toBeInstanceOf(TaskAborted);
    expect(cloud.messages).toEqual([]);
  });

  it("the view's signal aborts its tasks", async () => {
    const stop = new AbortController();
    const { view, cloud } = aClient({ signal: stop.signal });
    const [early, other] = [view.map(same, [0, 1]), view.apply(same, 2)];
    await settle();
    stop.abort();
    await settle();
    expect(cloud.sent("abort").map(({ jobs }) => jobs.map(({ job }) => job))).toEqual([
      [early.jobId, other.jobId.slice(0, 26)],
    ]);
  });

  it("abort sends nothing if all tasks have ended", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    const result = view.map(same, [0]);
    await clock.until(result);
    await result.abort();
    expect(cloud.sent("abort")).toEqual([]);
  });
});

describe("a closed client", () => {
  it("a closed client sends what was submitted, ends every wait with ClusterError, and refuses new work", async () => {
    const { view, core, cloud, clock } = aClient();
    const result = view.map(same, [0]);
    const waiting = caught(result);
    await core.close();
    expect(cloud.sent("submit")).toHaveLength(1);
    expect(String(await waiting)).toContain("the client was closed");
    expect(() => view.apply(same, 1)).toThrow("the client was closed");
    expect(String(await caught(result.get()))).toContain("the client was closed");
    expect([cloud.isClosed, clock.pending]).toEqual([true, 0]);
  });
});

describe("a client whose scheduler never answers", () => {
  it("a client whose scheduler never answers closes after ten seconds", async () => {
    const { view, core, cloud, clock } = aClient();
    cloud.answer = () => new Promise(() => {});
    const waiting = caught(view.map(same, [0]));
    const closing = core.close();
    await clock.advance(9_900);
    expect(cloud.isClosed).toBe(false);
    await clock.until(closing);
    expect(String(await waiting)).toContain("the client was closed");
  });
});
