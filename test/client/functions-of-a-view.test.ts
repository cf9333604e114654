import { describe, expect, it } from "vitest";
import { CodecError } from "../../lambdas/protocol/errors.ts";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { RemoteError } from "../../lambdas/protocol/remote-error.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);

async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) if (taken.push(item) === count) break;
  return taken;
}

async function takeAll<T>(items: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const item of items) into.push(item);
  return into;
}

describe("parallel", () => {
  it("a parallel function is called on pieces of chunkSize items", async () => {
    const { view, cloud, clock } = aClient({ chunkSize: 2 });
    cloud.behaviour = ([piece]) => sum(piece as number[]);
    const sums = view.parallel(sum);
    expect(await clock.until(sums([1, 2, 3, 4, 5]))).toEqual([3, 7, 5]);
    expect(sums.name).toBe("sum");
  });

  it("a parallel function's pieces have one item by default, and returned lists are joined", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([piece]) => (piece as number[]).flatMap((x) => [x, -x]);
    const both = view.parallel((xs: readonly number[]) => xs.flatMap((x) => [x, -x]));
    expect(await clock.until(both([1, 2]))).toEqual([1, -1, 2, -2]);
    expect(cloud.args(cloud.lastJob, 1)).toEqual([[2]]);
  });

  it("flags of a parallel function can be given first, and its map calls the function on each element", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([first]) => first;
    const make = view.parallel({ chunkSize: 3, label: "p" });
    expect(await clock.until(make(sum).map([[1], [2]]))).toEqual([[1], [2]]);
    expect(cloud.headers.get(cloud.lastJob)).toMatchObject({ label: "p", chunked: true });
  });

  it("sequences of a parallel function must have equal lengths, and may be empty", async () => {
    const { view } = aClient();
    const both = view.parallel((xs: readonly number[], ys: readonly number[]) => xs.length + ys.length);
    expect(() => both([1, 2], [1])).toThrow(/2, 1 items/);
    expect(await both([], [])).toEqual([]);
  });
});

describe("remote", () => {
  it("calling a remote function submits it like apply", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([a, b]) => Number(a) + Number(b);
    const add = view.remote(function add(a: number, b: number) {
      return a + b;
    });
    expect(add.name).toBe("add");
    expect(await clock.until(add(1, 2))).toBe(3);
  });
});

describe("an executor", () => {
  it("an executor submits and maps, and its shutdown waits for the submitted tasks", async () => {
    const { view, cloud, clock } = aClient();
    const executor = view.executor();
    const result = executor.submit(sum, [1, 2]);
    let isShut = false;
    const shutdown = executor.shutdown().then(() => {
      isShut = true;
    });
    expect(() => executor.submit(sum, [1])).toThrow(FantailError);
    expect(() => executor.map(sum, [[1]])).toThrow(FantailError);
    await clock.advance(500);
    expect(isShut).toBe(false);
    cloud.end(cloud.lastJob, 0, 1, () => 3);
    await clock.until(shutdown);
    expect(await result).toBe(3);
  });

  it("an executor's map is lazy, like imap", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => 2 * Number(x);
    expect(await clock.until(takeAll(view.executor().map((x: number) => 2 * x, [1, 2, 3])))).toEqual([2, 4, 6]);
  });
});

describe("imap", () => {
  const double = (x: number) => 2 * x;
  const doubled = ([x]: unknown[]) => 2 * Number(x);

  it("an imap sends nothing before the first result is requested", async () => {
    const { view, cloud } = aClient();
    const results = view.imap(double, [1, 2, 3]);
    await settle();
    expect(cloud.messages).toEqual([]);
    await results.return();
  });

  it("an imap yields results in input order, also for asynchronous sequences", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = (args) => args;
    async function* letters() {
      for (const letter of ["a", "b", "c"]) {
        await settle();
        yield letter;
      }
    }
    const results = view.imap((x: number, y: string) => [x, y], [1, 2, 3, 4], letters());
    expect(await clock.until(takeAll(results))).toEqual([
      [1, "a"],
      [2, "b"],
      [3, "c"],
    ]);
  });

  it("an imap reads at most maxOutstanding items ahead of the results", async () => {
    const { view, cloud, clock } = aClient({ maxOutstanding: 3 });
    cloud.behaviour = doubled;
    let taken = 0;
    let isClosed = false;
    function* numbers() {
      try {
        for (;;) yield taken++;
      } finally {
        isClosed = true;
      }
    }
    expect(await clock.until(take(view.imap(double, numbers()), 5))).toEqual([0, 2, 4, 6, 8]);
    expect(taken).toBeLessThanOrEqual(5 + 3);
    await settle();
    expect(isClosed).toBe(true);
  });

  it("items that an imap reads together are submitted as one job", async () => {
    const { view, cloud, clock } = aClient({ maxOutstanding: 0 });
    cloud.behaviour = doubled;
    await clock.until(
      takeAll(
        view.imap(
          double,
          Array.from({ length: 100 }, (_, x) => x),
        ),
      ),
    );
    expect(cloud.sent("submit")).toHaveLength(1);
  });

  it("an imap yields results as they complete with ordered: false", async () => {
    const { view, cloud, clock } = aClient({ ordered: false });
    const given: number[] = [];
    const all = takeAll(view.imap(double, [0, 1, 2]), given);
    await clock.advance(30);
    for (const index of [1, 2, 0]) {
      cloud.end(cloud.lastJob, index, index + 1);
      await clock.advance(300);
    }
    await clock.until(all);
    expect(given).toEqual([1, 2, 0]);
  });

  it("an imap throws a task's error in its place, and aborts the remaining tasks", async () => {
    const { view, cloud, clock } = aClient();
    const given: number[] = [];
    const all = takeAll(view.imap(double, [0, 1, 2, 3]), given).catch((error: unknown) => error);
    await clock.advance(30);
    cloud.end(cloud.lastJob, 0, 2, (index) => {
      if (index === 1) throw new Error("one");
      return index;
    });
    expect(await clock.until(all)).toBeInstanceOf(RemoteError);
    expect(given).toEqual([0]);
    expect(cloud.sent("abort")[0]?.jobs).toEqual([{ job: cloud.lastJob, ranges: [[2, 4]] }]);
  });

  it("an imap yields errors as values with returnExceptions", async () => {
    const { view, cloud, clock } = aClient({ returnExceptions: true });
    cloud.behaviour = ([x]) => {
      if (x === 1) throw new Error("one");
      return x;
    };
    expect(await clock.until(takeAll(view.imap(double, [0, 1, 2])))).toEqual([0, expect.any(RemoteError), 2]);
  });

  it("an error of an imap's input is thrown after the results of the items before it", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = doubled;
    function* broken() {
      yield 1;
      yield 2;
      throw new Error("the disk is full");
    }
    const given: number[] = [];
    await expect(clock.until(takeAll(view.imap(double, broken()), given))).rejects.toThrow("the disk is full");
    expect(given).toEqual([2, 4]);
  });

  it("an imap throws for an item that cannot be encoded after the results of the items before it", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = () => 1;
    const given: number[] = [];
    const all = takeAll(
      view.imap((x: unknown) => (x ? 1 : 0), [1, () => 2]),
      given,
    );
    await expect(clock.until(all)).rejects.toThrow(CodecError);
    expect(given).toEqual([1]);
  });

  it("the loop over an imap can be left while the input never yields its next item", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = doubled;
    async function* stuck() {
      yield 1;
      await new Promise(() => {});
    }
    expect(await clock.until(take(view.imap(double, stuck()), 1))).toEqual([2]);
  });

  it("leaving the loop over an imap aborts queued tasks", async () => {
    const { view, cloud, clock } = aClient({ maxOutstanding: 5 });
    const first = take(view.imap(double, [0, 1, 2, 3, 4, 5, 6, 7]), 1);
    await clock.advance(20);
    cloud.end(cloud.lastJob, 0, 1);
    expect(await clock.until(first)).toEqual([0]);
    expect(cloud.sent("abort")[0]?.jobs[0]?.ranges[0]).toEqual([1, 5]);
  });
});
