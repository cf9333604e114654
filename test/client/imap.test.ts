import { EventEmitter, getEventListeners, on } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { TaskAborted } from "../../lambdas/protocol/remote-error.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;

async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) if (taken.push(item) === count) break;
  return taken;
}

describe("leaving an imap", () => {
  it("leaving an imap waits for the input's asynchronous cleanup", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    let isClosed = false;
    async function* cursor() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        await new Promise<void>((resolve) => {
          clock.after(100, resolve);
        });
        isClosed = true;
      }
    }
    await clock.until(take(view.imap(same, cursor()), 2));
    expect(isClosed).toBe(true);
  });

  it("leaving an imap closes an input that is producing its next item, and waits for its cleanup", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    const emitter = new EventEmitter();
    const events = on(emitter, "data") as AsyncIterable<number[]>;
    let isClosed = false;
    async function* slow() {
      try {
        yield 1;
        await new Promise<void>((resolve) => {
          clock.after(300, resolve);
        });
        yield 2;
      } finally {
        await settle();
        isClosed = true;
      }
    }
    clock.after(50, () => emitter.emit("data", 7));
    expect(
      await clock.until(
        take(
          view.imap(([x]: number[]) => x, events),
          1,
        ),
      ),
    ).toHaveLength(1);
    expect(emitter.listenerCount("data")).toBe(0);
    expect(await clock.until(take(view.imap(same, slow()), 1))).toEqual([1]);
    expect(isClosed).toBe(true);
  });

  it("an error in the input's cleanup is thrown, unless the loop already ends with one", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    function* broken() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: a cleanup that fails is what this is about
        throw new Error("cannot be closed");
      }
    }
    await expect(clock.until(take(view.imap(same, broken()), 1))).rejects.toThrow("cannot be closed");
    cloud.behaviour = () => {
      throw new Error("the task's own");
    };
    await expect(clock.until(take(view.imap(same, broken()), 1))).rejects.toThrow("the task's own");
  });

  it("leaving an imap closes every sequence, even if another has ended or thrown", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    const closed: string[] = [];
    function* endless(name: string) {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        closed.push(name);
      }
    }
    expect(
      await clock.until(
        take(
          view.imap((x: number, y: number) => x + y, endless("a"), [1, 2]),
          9,
        ),
      ),
    ).toEqual([0, 1]);
    expect(closed).toEqual(["a"]);
    const bad = (function* () {
      yield 1;
      throw new Error("input broke");
    })();
    await expect(
      clock.until(
        take(
          view.imap((x: number, y: number) => x + y, endless("b"), bad),
          9,
        ),
      ),
    ).rejects.toThrow("input broke");
    expect(closed).toEqual(["a", "b"]);
  });

  it("return() of an imap during a pending next() ends both and closes the input", async () => {
    const { view, clock } = aClient();
    const emitter = new EventEmitter();
    const items = view.imap(([x]: number[]) => x, on(emitter, "data") as AsyncIterable<number[]>);
    const next = items.next();
    await settle();
    const end = items.return();
    expect(await clock.until(Promise.all([next, end]))).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(emitter.listenerCount("data")).toBe(0);
  });

  it("leaving an imap stops waiting for its tasks", async () => {
    const { view, cloud, clock } = aClient();
    const first = take(view.imap(same, [0, 1, 2, 3]), 1);
    await clock.advance(20);
    cloud.end(cloud.lastJob, 0, 1);
    await clock.until(first);
    await settle();
    expect(clock.pending).toBe(0);
  });
});

describe("an imap's signal", () => {
  it("an imap's signal ends the wait for an input that never yields, and closes it", async () => {
    const stop = new AbortController();
    const { view, cloud, clock } = aClient({ signal: stop.signal });
    cloud.behaviour = ([x]) => x;
    const emitter = new EventEmitter();
    const given: unknown[] = [];
    const all = (async () => {
      for await (const item of view.imap(([x]: number[]) => x, on(emitter, "data") as AsyncIterable<number[]>))
        given.push(item);
    })().catch((error: unknown) => error);
    await settle();
    emitter.emit("data", 1);
    await clock.advance(100);
    stop.abort();
    expect(await clock.until(all)).toBeInstanceOf(TaskAborted);
    expect(given).toHaveLength(1);
    expect(emitter.listenerCount("data")).toBe(0);
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  });
});

describe("an endless imap", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;

  it.each([true, false])("an endless imap keeps no values that it has yielded, ordered: %s", async (ordered) => {
    const { view, core, cloud, clock } = aClient({ ordered, maxOutstanding: 12, signal: new AbortController().signal });
    cloud.behaviour = ([x]) => ({ x });
    let pulled = 0;
    function* endless() {
      for (;;) yield pulled++;
    }
    const values: WeakRef<object>[] = [];
    const jobs: WeakRef<object>[] = [];
    const given = async (items: AsyncIterable<unknown>, count: number) => {
      for await (const item of items) {
        values.push(new WeakRef(item as object));
        const outcomes = core.jobs.known(cloud.lastJob);
        if (outcomes) jobs.push(new WeakRef(outcomes));
        // Drop the rows of the scripted cloud, which do not count as the client's memory.
        if (values.length % 50 === 0) for (const kept of [cloud.rows, cloud.specs]) kept.clear();
        if (values.length === count) {
          await settle();
          collectGarbage();
          await settle();
          return;
        }
      }
    };
    await clock.until(
      given(
        view.imap((x: number) => ({ x }), endless()),
        600,
      ),
    );
    collectGarbage();
    expect(pulled).toBeLessThanOrEqual(600 + 12);
    expect(values.filter((ref) => ref.deref()).length).toBeLessThan(30);
    expect(jobs.filter((ref) => ref.deref()).length).toBeLessThan(30);
  });

  it("an imap submits short items by the hundred", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    const items = Array.from({ length: 2000 }, (_, x) => x);
    expect(await clock.until(take(view.imap(same, items), 2000))).toEqual(items);
    expect(cloud.sent("submit").length).toBeLessThan(20);
  });

  it("a fast input of an imap does not block the event loop", async () => {
    const { view, cloud, clock } = aClient({ maxOutstanding: 0 });
    cloud.behaviour = ([x]) => x;
    let pulled = 0;
    function* endless() {
      for (;;) yield pulled++;
    }
    expect(await clock.until(take(view.imap(same, endless()), 3))).toEqual([0, 1, 2]);
    const sizes = [...cloud.headers.values()].map(({ tasks }) => tasks);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
  });
});
