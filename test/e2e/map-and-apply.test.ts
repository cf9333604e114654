import { createServer } from "node:net";
import { parse } from "acorn";
import { describe, expect, test } from "vitest";
import {
  CaptureError,
  Client,
  CodecError,
  CompositeError,
  InvalidFlag,
  NoEnginesRegistered,
  RemoteError,
} from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";
import { Gate, opened } from "./gate.ts";

const range = (n: number) => Array.from({ length: n }, (_, index) => index);
const cluster = new TestCluster();
const view = () => cluster.client.loadBalancedView();

describe("apply", () => {
  test("apply runs a function with its captured values on an engine", async () => {
    const factor = 3;
    const add = (a: number, b: number) => a + b;
    expect(await view().apply((x: number) => add(x * factor, 1), 5)).toBe(16);
  });

  test("apply ships a closure over an npm package's function", async () => {
    const source = "let a = 1; let b = 2;";
    const count = (text: string) => parse(text, { ecmaVersion: "latest" }).body.length;
    expect(await view().apply(count, source)).toBe(2);
  });

  test("apply awaits asynchronous functions, and returns an Error as a value", async () => {
    expect(await view().apply(async (x: number) => x + 1, 1)).toBe(2);
    const returned = await view().apply(() => new RangeError("just a value"));
    expect(returned).toBeInstanceOf(RangeError);
    expect(returned.message).toBe("just a value");
  });

  test("apply takes a cyclic argument", async () => {
    const loop: { name: string; self?: unknown } = { name: "loop" };
    loop.self = loop;
    const same = await view().apply((value: typeof loop) => value.self === value && value.name, loop);
    expect(same).toBe("loop");
  });

  test("apply accepts 7 MB of arguments, through a blob", async () => {
    const bytes = new Uint8Array(7_000_000).map((_, at) => at % 251);
    const sum = await view().apply((data: Uint8Array) => data.reduce((total, byte) => total + byte, 0), bytes);
    expect(sum).toBe(bytes.reduce((total, byte) => total + byte, 0));
  });

  test("apply returns 2 MB of results, through a blob", async () => {
    const result = await view().apply((n: number) => new Uint8Array(n).fill(7), 2_000_000);
    expect(result).toBeInstanceOf(Uint8Array);
    expect(result.length).toBe(2_000_000);
    expect(result.every((byte) => byte === 7)).toBe(true);
  });

  test("apply captures the output of each task", async () => {
    const result = view().map((x: number) => {
      console.log(`out ${x}`);
      process.stderr.write(`err ${x}`);
      return x;
    }, range(3));
    await result;
    expect(await result.stdout()).toEqual(["out 0\n", "out 1\n", "out 2\n"]);
    expect(await result.stderr()).toEqual(["err 0", "err 1", "err 2"]);
  });
});

describe("map", () => {
  test("an empty map is a resolved empty list", async () => {
    const empty = view().map((x: number) => x, []);
    expect(await empty).toEqual([]);
    expect(await empty.ready()).toBe(true);
  });

  test("a map of one item is a list of one", async () => {
    expect(await view().map((x: number) => x * 2, [21])).toEqual([42]);
  });

  test("a map of 5,000 items keeps their order", async () => {
    expect(await view().map((x: number) => x * x, range(5000))).toEqual(range(5000).map((x) => x * x));
  });

  test("map stops at the shortest of unequal sequences, and submits no more", async () => {
    const sums = view().map((a: number, b: number) => a + b, [1, 2, 3, 4, 5], [10, 20]);
    expect(sums.taskIds.length).toBe(2);
    expect(await sums).toEqual([11, 22]);
  });

  test("a chunked map keeps its length and reports errors by item", async () => {
    const failing = view()
      .withFlags({ chunkSize: 4, returnExceptions: true })
      .map((x: number) => {
        if (x % 3 === 2) throw new RangeError(`no ${x}`);
        return x * 10;
      }, range(9));
    expect(failing.taskIds.length).toBe(3);
    const outcomes = await failing;
    expect(outcomes.length).toBe(9);
    for (const [x, outcome] of outcomes.entries()) {
      if (x % 3 === 2) expect(outcome).toMatchObject({ ename: "RangeError", evalue: `no ${x}` });
      else expect(outcome).toBe(x * 10);
    }
  });

  test("map rejects with one entry for each failed item", async () => {
    const failing = view().map((x: number) => {
      if (x === 1 || x === 3) throw new TypeError(`bad ${x}`);
      return x;
    }, range(5));
    const error = await failing.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CompositeError);
    expect((error as CompositeError).indexes).toEqual([1, 3]);
    expect((error as CompositeError).errors[0]).toMatchObject({ ename: "TypeError", evalue: "bad 1" });
  });

  test("map yields results in input order, and as completed when requested", async () => {
    let gate = new Gate();
    let { path } = gate;
    const heldFirst = (x: number) => (x === 0 ? opened(path).then(() => x) : x);
    const results = view().map(heldFirst, range(6));
    await expect.poll(() => results.progress(), { interval: 20 }).toBe(5);
    gate.open();
    const ordered: number[] = [];
    for await (const value of results) ordered.push(value);
    expect(ordered).toEqual(range(6));
    gate = new Gate();
    path = gate.path;
    const completed: number[] = [];
    for await (const value of view().withFlags({ ordered: false }).map(heldFirst, range(6))) {
      completed.push(value);
      // It ends only once all others have been yielded, so none waits behind it.
      if (completed.length === 5) gate.open();
    }
    expect(completed.at(-1)).toBe(0);
    expect(completed.toSorted()).toEqual(range(6));
  });
});

describe("imap", () => {
  test("imap reads its input as results are taken, and yields them in order", async () => {
    let taken = 0;
    async function* input() {
      for (let x = 0; x < 40; x++) {
        taken++;
        yield x;
      }
    }
    const results: number[] = [];
    for await (const value of view()
      .withFlags({ maxOutstanding: 4 })
      .imap((x: number) => x + 1, input())) {
      results.push(value);
      expect(taken - results.length).toBeLessThanOrEqual(4);
    }
    expect(results).toEqual(range(40).map((x) => x + 1));
  });
});

describe("mistakes of a caller", () => {
  test("a value that is not a function is refused", () => {
    const notOne = 5 as unknown as () => number;
    expect(() => view().apply(notOne)).toThrow(TypeError);
    expect(() => view().map(notOne, [1])).toThrow(TypeError);
  });

  test("a function that captures a socket is refused", async () => {
    const server = createServer();
    expect(() => view().apply(() => server.listening)).toThrow(CaptureError);
    expect(() => view().apply(() => server.listening)).toThrow(/server/);
  });

  test("an argument that contains a function is refused", () => {
    const attempt = () => view().apply((value: unknown) => value, { deep: [{ call: () => 1 }] });
    expect(attempt).toThrow(CodecError);
    expect(attempt).toThrow(/args\[0\]\.deep\[0\]\.call/);
  });

  test("targets that do not exist are refused", () => {
    expect(() => view().withFlags({ targets: [0, 7] })).toThrow(NoEnginesRegistered);
    expect(() => view().withFlags({ targets: "gpu" })).toThrow(NoEnginesRegistered);
  });

  test("flags out of range are refused by name", () => {
    expect(() => view().withFlags({ retries: -1 })).toThrow(InvalidFlag);
    expect(() => view().withFlags({ scheme: "fastest" as "lru" })).toThrow(/scheme/);
  });

  test("a cluster with hwm -1 or an unknown scheme is refused", async () => {
    await expect(Client.local({ hwm: -1 })).rejects.toMatchObject({ code: "InvalidFlag", flag: "hwm" });
    await expect(Client.local({ scheme: "fastest" as "lru" })).rejects.toMatchObject({
      code: "InvalidFlag",
      flag: "scheme",
    });
  });
});

describe("behaviour of a function", () => {
  test("a function may throw a string", async () => {
    const attempt = view().apply(() => {
      throw "plain words";
    });
    await expect(attempt).rejects.toMatchObject({ code: "RemoteError", evalue: "plain words" });
  });

  test("a function may throw an Error with a cause", async () => {
    const attempt = view().apply(() => {
      throw new Error("outer", { cause: new TypeError("inner") });
    });
    const error = await attempt.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RemoteError);
    expect((error as RemoteError).cause).toMatchObject({ name: "TypeError", message: "inner" });
    expect((error as RemoteError).taskId).toBe(attempt.taskIds[0]);
  });

  test("a function may reject", async () => {
    await expect(view().apply(async () => Promise.reject(new Error("no")))).rejects.toMatchObject({ evalue: "no" });
  });

  test("a function that returns a value that cannot be encoded fails with a CodecError", async () => {
    const attempt = view().apply(() => ({ call: () => 1 }) as unknown);
    await expect(attempt).rejects.toMatchObject({ code: "CodecError" });
  });

  test("a failed task that is not awaited raises no unhandledRejection", async () => {
    const seen: unknown[] = [];
    const listener = (reason: unknown) => seen.push(reason);
    process.on("unhandledRejection", listener);
    try {
      const forgotten = view().apply(() => {
        throw new Error("nobody looks");
      });
      await forgotten.wait();
      await new Promise((resolve) => setImmediate(resolve));
      expect(seen).toEqual([]);
    } finally {
      process.off("unhandledRejection", listener);
    }
  });
});
