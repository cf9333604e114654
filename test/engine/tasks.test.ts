import { describe, expect, it } from "vitest";
import { packValues, sha256 } from "../../lambdas/adapters/pack.ts";
import type { TaskContext } from "../../lambdas/authoring/task-context.ts";
import { epochNow } from "../../lambdas/engine/messages/epoch-clock.ts";
import { encodeValue } from "../../lambdas/protocol/codec.ts";
import type { EncodedValue, PackedValue } from "../../lambdas/protocol/function-reference.ts";
import type { Grant } from "../../lambdas/protocol/grant.ts";
import type { ItemOutcome } from "../../lambdas/protocol/outcome-page.ts";
import type { StoredValue } from "../../lambdas/protocol/stored-value.ts";
import { storedBytes } from "../stored-bytes.ts";
import { aLease, anEngine, aUnit, decoded, JOB, resultOf, text } from "./an-engine.ts";
import { MemoryBlobs } from "./memory-blobs.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

declare const task: () => TaskContext;
declare const captured: unknown;

/** Runs one lease and returns the endpoint, which has every report. */
async function run(lease: Grant, blobs = new MemoryBlobs(), environment: NodeJS.ProcessEnv = {}) {
  const engine = await anEngine({ blobs, environment });
  const endpoint = new ScriptedEndpoint([lease]);
  await engine.invoke(endpoint);
  return endpoint;
}

/** Stores a value as a blob. */
async function blobOf(value: unknown, blobs: MemoryBlobs): Promise<EncodedValue> {
  const encoded = encodeValue(value, "value");
  const bytes = typeof encoded === "string" ? Buffer.from(encoded) : encoded;
  return { blob: await blobs.put(bytes), bytes: bytes.byteLength };
}

/** Stores values in one pack. */
async function packOf(values: readonly unknown[], blobs: MemoryBlobs): Promise<PackedValue[]> {
  const encoded = values.map((value) => Buffer.from(encodeValue(value, "value")));
  const hashed = encoded.map((bytes) => ({ hash: sha256(bytes), bytes }));
  const { objects, locations } = packValues(hashed);
  for (const { name, pieces } of objects) await blobs.putAs(name, Buffer.concat(pieces));
  return hashed.flatMap(({ hash }) => {
    const location = locations.get(hash);
    return location && "pack" in location ? [location] : [];
  });
}

describe("a lease's tasks", () => {
  it("a lease's tasks run in the order of the lease, each after the one before it", async () => {
    const lease = aLease(
      async (x: number) => {
        const seen = globalThis as unknown as { order?: number[] };
        seen.order ??= [];
        seen.order.push(x);
        await new Promise((resolve) => setImmediate(resolve));
        seen.order.push(-x);
        return seen.order.join();
      },
      [[5], [1], [3]],
    );
    const endpoint = await run(lease);
    expect(resultOf(endpoint.entries().get(2))).toBe("5,-5,1,-1,3,-3");
    const entries = endpoint.of("report").flatMap(({ entries }) => entries);
    expect(entries.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it("a lease's tasks are reported with start and completion times of the wall clock", async () => {
    const before = Date.now();
    const endpoint = await run(aLease(() => 1, [[], []]));
    const [first, second] = [endpoint.entries().get(0), endpoint.entries().get(1)];
    const times = [first?.started, first?.completed, second?.started, second?.completed].map(Number);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(before - 10);
    expect(times[3]).toBeLessThan(Date.now() + 10);
  });

  it("a lease's tasks may return a value, a promise, a thenable, a generator or an async generator", async () => {
    const give = (kind: string): unknown => {
      if (kind === "promise") return Promise.resolve([1]);
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tried
      if (kind === "thenable") return { then: (done: (value: number) => void) => done(2) };
      if (kind === "generator")
        return (function* () {
          yield 3;
          yield 4;
        })();
      if (kind === "async generator")
        return (async function* () {
          yield 5;
          yield Promise.resolve(6);
        })();
      return undefined;
    };
    const endpoint = await run(
      aLease(give, [["promise"], ["thenable"], ["generator"], ["async generator"], ["nothing"]]),
    );
    const results = [0, 1, 2, 3, 4].map((index) => resultOf(endpoint.entries().get(index)));
    expect(results).toEqual([[1], 2, [3, 4], [5, 6], undefined]);
  });

  it("a lease's tasks take arguments from blobs, and a shared one is fetched once", async () => {
    const blobs = new MemoryBlobs();
    const shared = await blobOf(
      Array.from({ length: 5000 }, (_, at) => at),
      blobs,
    );
    const lease = aLease((list: number[], x: number) => list.length + x, []);
    lease.tasks = [0, 1, 2, 3].map((index) => [index, 1, 0, [shared, text(index)]]);
    const endpoint = await run(lease, blobs);
    expect(resultOf(endpoint.entries().get(3))).toBe(5003);
    expect(blobs.gets).toBe(1);
  });

  it("a lease's tasks take arguments from a pack by one request", async () => {
    const blobs = new MemoryBlobs();
    const packed = await packOf(
      Array.from({ length: 40 }, (_, x) => `${x} ${"y".repeat(20_000)}`),
      blobs,
    );
    const lease = aLease((text: string) => text.split(" ")[0], []);
    lease.tasks = packed.map((value, index) => [index, 1, 0, [value]]);
    const endpoint = await run(lease, blobs);
    expect(packed.map((_, index) => resultOf(endpoint.entries().get(index)))).toEqual(packed.map((_, x) => String(x)));
    expect(blobs.gets).toBe(1);
  });

  it("a lease's tasks take whole lists of arguments from a pack", async () => {
    const blobs = new MemoryBlobs();
    const packed = await packOf(
      Array.from({ length: 9 }, (_, x) => [x, "y".repeat(2000)]),
      blobs,
    );
    const lease = aLease((x: number, text: string) => x + text.length, []);
    lease.tasks = packed.map((list, index) => [index, 1, 0, list]);
    const endpoint = await run(lease, blobs);
    expect(packed.map((_, index) => resultOf(endpoint.entries().get(index)))).toEqual(packed.map((_, x) => x + 2000));
    expect(blobs.gets).toBe(1);
  });

  it("a lease's tasks store results together, each content once", async () => {
    const blobs = new MemoryBlobs();
    const sizes = [20_000, 20_001, 30_000, 20_000, 9];
    const endpoint = await run(
      aLease(
        (x: number) => "y".repeat(x),
        sizes.map((size) => [size]),
      ),
      blobs,
    );
    for (const [index, size] of sizes.entries())
      expect(resultOf(endpoint.entries().get(index), blobs)).toBe("y".repeat(size));
    expect(blobs.puts).toBe(1);
    expect([...blobs.stored.values()].map(({ byteLength }) => byteLength)).toEqual([20_003 + 20_004 + 30_003]);
  });

  it("a single long result is stored as a blob under the hash of its content", async () => {
    const blobs = new MemoryBlobs();
    const endpoint = await run(
      aLease((x: number) => "y".repeat(x), [[20_000], [20_000], [5]]),
      blobs,
    );
    const [name = ""] = blobs.stored.keys();
    expect(endpoint.entries().get(0)?.value).toEqual({ blob: name, bytes: 20_003 });
    expect(endpoint.entries().get(1)?.value).toEqual({ blob: name, bytes: 20_003 });
    expect(sha256(blobs.stored.get(name) ?? "")).toBe(name);
  });

  it("the time for reading a task's arguments does not count as its run time", async () => {
    const blobs = new MemoryBlobs();
    const packed = await packOf(["a".repeat(10_000), "b".repeat(10_000)], blobs);
    const getPart = blobs.getPart.bind(blobs);
    let arrivedAt = 0;
    blobs.getPart = async (pack, from, to) => {
      const askedAt = epochNow();
      while (epochNow() < askedAt + 5) await new Promise((resolve) => setImmediate(resolve));
      if (arrivedAt === 0) arrivedAt = epochNow();
      return getPart(pack, from, to);
    };
    const lease = aLease((text: string) => text.length, []);
    lease.tasks = packed.map((value, index) => [index, 1, 0, [value]]);
    const endpoint = await run(lease, blobs);
    // The clocks of threads differ by up to 1 ms.
    const { started, phases } = endpoint.entries().get(0) ?? {};
    expect(started).toBeGreaterThan(arrivedAt - 1);
    expect(phases?.fetched).toBeGreaterThan(3);
  });

  it("a lease's tasks get the values that their function captured, inline or from a blob", async () => {
    const blobs = new MemoryBlobs();
    const unit = aUnit(() => captured);
    const lease = aLease(() => captured, [[]]);
    lease.functions = [
      { code: unit.hash, at: "table", name: "fn", data: text({ a: 1 }) },
      { code: unit.hash, at: "table", name: "fn", data: await blobOf({ b: 2 }, blobs) },
      { code: unit.hash, at: "table", name: "fn" },
    ];
    lease.tasks = [0, 1, 2, 0].map((fn, index) => [index, 1, fn, text([])]);
    const endpoint = await run(lease, blobs);
    const results = [0, 1, 2, 3].map((index) => resultOf(endpoint.entries().get(index)));
    expect(results).toEqual([{ a: 1 }, { b: 2 }, undefined, { a: 1 }]);
  });

  it("long results are stored before they are reported", async () => {
    const blobs = new MemoryBlobs();
    let stored = 0;
    blobs.beforePut = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      stored++;
    };
    const engine = await anEngine({ blobs });
    const reportedWhenStored: number[] = [];
    const endpoint = new ScriptedEndpoint([aLease((x: number) => "y".repeat(x), [[20_000], [10], [30_000]])], {
      report: () => {
        reportedWhenStored.push(stored);
        return undefined;
      },
    });
    await engine.invoke(endpoint);
    expect(reportedWhenStored).toEqual([1]);
    expect(endpoint.entries().get(0)?.value).toMatchObject({ pack: [...blobs.stored.keys()][0], at: 0 });
    expect(resultOf(endpoint.entries().get(0), blobs)).toBe("y".repeat(20_000));
    expect(resultOf(endpoint.entries().get(1))).toBe("y".repeat(10));
    expect(resultOf(endpoint.entries().get(2), blobs)).toBe("y".repeat(30_000));
  });

  it("a lease's tasks continue while results larger than the upload window are being stored", async () => {
    const blobs = new MemoryBlobs();
    const endpoint = await run(
      aLease((mb: number) => new Uint8Array(mb * 1024 * 1024), [[20], [20], [20], [20]]),
      blobs,
    );
    expect([...endpoint.entries().values()].map(({ status }) => status)).toEqual(["ok", "ok", "ok", "ok"]);
  });
});

describe("a task that fails", () => {
  it("a failed task reports what it threw, with its cause", async () => {
    const endpoint = await run(
      aLease(() => {
        throw new RangeError("too far", { cause: new Error("the map ends") });
      }, [[]]),
    );
    const entry = endpoint.entries().get(0);
    expect(entry).toMatchObject({
      status: "error",
      error: { code: "RemoteError", ename: "RangeError", evalue: "too far" },
    });
    expect(entry?.error?.traceback).toContain("fantail:");
    expect(decoded(entry?.error?.thrown)).toMatchObject({ cause: { message: "the map ends" } });
  });

  it("a failed task may throw or reject with anything", async () => {
    const fail = (how: string): unknown => {
      if (how === "reject") return Promise.reject(new TypeError("no"));
      if (how === "generator")
        return (function* () {
          yield 1;
          throw new Error("half way");
        })();
      throw how === "nothing" ? undefined : how;
    };
    const endpoint = await run(aLease(fail, [["a string"], ["reject"], ["nothing"], ["generator"]]));
    const reported = [0, 1, 2, 3].map((index) => endpoint.entries().get(index)?.error);
    expect(reported.map((error) => error?.evalue)).toEqual(["a string", "no", "undefined", "half way"]);
    expect(reported[1]?.ename).toBe("TypeError");
  });

  it("the error of a task whose result cannot be encoded names the place in the result", async () => {
    const endpoint = await run(aLease(() => ({ list: [1, () => 2] }), [[]]));
    expect(endpoint.entries().get(0)).toMatchObject({ status: "error", error: { code: "CodecError" } });
    expect(endpoint.entries().get(0)?.error?.evalue).toContain("result.list[1]");
  });

  it("if a function cannot be loaded, its tasks fail with the reason, and tasks of other functions run", async () => {
    const lease = aLease(() => 1, []);
    const broken = aUnit("(() => { throw new Error('no such module') })()");
    lease.functions.push({ code: broken.hash, at: "table", name: "broken" });
    lease.units.push(broken);
    lease.tasks = [1, 0, 1].map((fn, index) => [index, 1, fn, text([])]);
    const endpoint = await run(lease);
    const reported = [0, 1, 2].map((index) => endpoint.entries().get(index));
    expect(reported.map((entry) => entry?.status)).toEqual(["error", "ok", "error"]);
    expect(reported[2]?.error?.evalue).toBe("no such module");
  });

  it("a task whose arguments or code are missing is lost, as a fault of the cluster", async () => {
    const lease = aLease(() => 1, []);
    const unknown = "0".repeat(64);
    lease.functions.push(
      { code: unknown, at: "table", name: "gone" },
      { code: unknown.replaceAll("0", "1"), at: "blob", name: "gone" },
    );
    lease.tasks = [
      [0, 1, 0, [{ blob: unknown, bytes: 10 }]],
      [1, 1, 1, text([])],
      [2, 1, 2, text([])],
      [3, 1, 0, text([])],
    ];
    const endpoint = await run(lease);
    const reported = [0, 1, 2, 3].map((index) => endpoint.entries().get(index));
    expect(reported.map((entry) => entry?.status)).toEqual(["lost", "lost", "lost", "ok"]);
    expect(reported.slice(0, 3).map((entry) => entry?.error?.code)).toEqual(Array(3).fill("EngineError"));
    expect(reported[0]?.error?.evalue).toContain("not in the bucket");
    expect(reported[1]?.error?.evalue).toContain("not in the task table");
  });

  it("a task whose arguments' pack is missing or changed is lost, with an error that names the pack", async () => {
    const blobs = new MemoryBlobs();
    const [gone, ...others] = await packOf(["a".repeat(10_000), "b".repeat(10_000)], blobs);
    blobs.stored.clear();
    const [kept, changed] = await packOf(["c".repeat(10_000), "d".repeat(10_000)], blobs);
    const lease = aLease((text: string) => text.length, []);
    const args = [gone, kept, changed, ...others].map((value) => (value ? [value] : []));
    lease.tasks = args.map((own, index) => [index, 1, 0, own]);
    blobs.stored.get(changed?.pack ?? "")?.fill(0, changed?.at);
    const endpoint = await run(lease, blobs);
    const reported = lease.tasks.map(([index]) => endpoint.entries().get(index));
    expect(reported.map((entry) => entry?.status)).toEqual(["lost", "ok", "lost", "lost"]);
    expect(reported[0]?.error?.evalue).toContain(`pack ${gone?.pack} is not in the bucket`);
    expect(reported[2]?.error?.evalue).toContain(`pack ${changed?.pack} has changed`);
  });

  it("a task whose code does not match its hash is lost, and the code is never evaluated", async () => {
    const lease = aLease(() => 1, [[]]);
    const other = aUnit(() => 2);
    lease.units = lease.units.map(({ hash }) => ({ hash, body: other.body }));
    const endpoint = await run(lease);
    expect(endpoint.entries().get(0)).toMatchObject({ status: "lost" });
    expect(endpoint.entries().get(0)?.error?.evalue).toContain("different hash");
  });

  it("a task whose result cannot be stored is lost, as a fault of the cluster", async () => {
    const blobs = new MemoryBlobs();
    blobs.beforePut = () => Promise.reject(new Error("the bucket is gone"));
    const endpoint = await run(
      aLease((x: number) => "y".repeat(x), [[20_000], [1]]),
      blobs,
    );
    expect(endpoint.entries().get(0)).toMatchObject({ status: "lost", error: { code: "EngineError" } });
    expect(endpoint.entries().get(0)?.error?.evalue).toContain("the bucket is gone");
    expect(endpoint.entries().get(1)?.status).toBe("ok");
  });
});

describe("a chunk", () => {
  it("a chunk reports the outcome of each item", async () => {
    const lease = aLease((x: number) => x + 1, [], { chunked: true });
    lease.tasks = [[7, 1, 0, text([[1], [2], [3]])]];
    const entry = (await run(lease)).entries().get(7);
    expect(entry?.status).toBe("ok");
    const outcomes = JSON.parse(String(entry?.value)) as ItemOutcome[];
    expect(outcomes.map(([ok, value]) => [ok, decoded(value as EncodedValue)])).toEqual([
      [1, 2],
      [1, 3],
      [1, 4],
    ]);
  });

  it("a chunk runs all items although one fails, and fails with the first failure", async () => {
    const lease = aLease(
      (x: number) => {
        if (x % 2 === 0) throw new Error(`even: ${x}`);
        return x;
      },
      [],
      { chunked: true },
    );
    lease.tasks = [[0, 1, 0, text([[1], [2], [3], [4]])]];
    const entry = (await run(lease)).entries().get(0);
    expect(entry).toMatchObject({ status: "error", error: { evalue: "even: 2" } });
    const outcomes = JSON.parse(String(entry?.value)) as ItemOutcome[];
    expect(outcomes.map(([ok]) => ok)).toEqual([1, 0, 1, 0]);
    expect(outcomes[3]?.[1]).toMatchObject({ ename: "Error", evalue: "even: 4" });
  });

  it("a chunk stores long items, and a long list of items, in a pack", async () => {
    const blobs = new MemoryBlobs();
    const lease = aLease((x: number) => `${x} ${"z".repeat(10_000)}`, [], { chunked: true });
    lease.tasks = [[0, 1, 0, text(Array.from({ length: 200 }, (_, x) => [x]))]];
    const endpoint = await run(lease, blobs);
    expect(blobs.puts).toBe(2);
    const list = storedBytes(endpoint.entries().get(0)?.value as StoredValue, blobs.stored);
    const outcomes = JSON.parse(Buffer.from(list).toString()) as ItemOutcome[];
    expect(outcomes.map(([, value]) => decoded(value as EncodedValue, blobs))).toEqual(
      outcomes.map((_, x) => `${x} ${"z".repeat(10_000)}`),
    );
  });

  it("a chunk stores long items, and a long list of items, in blobs", async () => {
    const blobs = new MemoryBlobs();
    const lease = aLease((x: number) => "z".repeat(x), [], { chunked: true });
    lease.tasks = [
      [0, 1, 0, text([[10_000], [3]])],
      [1, 1, 0, [text([6_000]), text([6_000])]],
    ];
    const endpoint = await run(lease, blobs);
    const [first] = JSON.parse(String(endpoint.entries().get(0)?.value)) as ItemOutcome[];
    expect(decoded(first?.[1] as EncodedValue, blobs)).toBe("z".repeat(10_000));
    const list = endpoint.entries().get(1)?.value as StoredValue;
    const outcomes = JSON.parse(Buffer.from(storedBytes(list, blobs.stored)).toString()) as ItemOutcome[];
    expect(outcomes.map(([, value]) => decoded(value as EncodedValue))).toEqual(["z".repeat(6_000), "z".repeat(6_000)]);
  });
});

describe("a task's output", () => {
  it("each task's output is recorded separately, whatever runs beside it and however it is written", async () => {
    const talk = async (x: number) => {
      console.log("hello", x);
      console.error(`bad ${x}`);
      await new Promise((resolve) => setImmediate(resolve));
      process.stdout.write(Buffer.from(`é${x}`).subarray(0, 1));
      process.stdout.write(Buffer.from(`é${x}`).subarray(1));
      return new Promise((resolve) => process.stdout.write("!", () => resolve(x)));
    };
    const endpoint = await run(aLease(talk, [[1], [2]]));
    expect(endpoint.entries().get(0)).toMatchObject({ stdout: "hello 1\né1!", stderr: "bad 1\n" });
    expect(endpoint.entries().get(1)).toMatchObject({ stdout: "hello 2\né2!", stderr: "bad 2\n" });
  });

  it("a task that writes nothing has no output in its entry", async () => {
    const endpoint = await run(aLease(() => 1, [[]]));
    expect(endpoint.entries().get(0)).not.toHaveProperty("stdout");
  });

  it("only the beginning of a long output is kept, with the length of the dropped rest", async () => {
    const endpoint = await run(aLease(() => console.log("x".repeat(30_000)), [[]]));
    const stdout = endpoint.entries().get(0)?.stdout ?? "";
    expect(stdout.startsWith("x".repeat(16_384))).toBe(true);
    expect(stdout).toContain("13617 more characters were not kept");
    expect(stdout.length).toBeLessThan(20_000);
  });

  it("late output of a finished task is not added to the next task's", async () => {
    const leave = (x: number) =>
      x === 0
        ? void setImmediate(() => console.log("late"))
        : new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
    const endpoint = await run(aLease(leave, [[0], [1]]));
    expect(endpoint.entries().get(1)).not.toHaveProperty("stdout");
  });
});

describe("inside a task", () => {
  it("task() identifies the task and its engine", async () => {
    const lease = aLease(
      async () => {
        await Promise.resolve();
        const { id, jobId, index, attempt, engineId, engineName, signal } = task();
        const left = task().timeLeftMs();
        return { id, jobId, index, attempt, engineId, engineName, aborted: signal.aborted, left };
      },
      [],
      { runTimeoutMs: 5_000 },
    );
    lease.tasks = [[4, 2, 0, text([])]];
    const reported = resultOf((await run(lease)).entries().get(4)) as { left: number };
    const { left, ...rest } = reported;
    expect(rest).toEqual({
      id: `${JOB}.4`,
      jobId: JOB,
      index: 4,
      attempt: 2,
      engineId: 3,
      engineName: "default-3",
      aborted: false,
    });
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5_000);
  });

  it("a task sees the pool's variables, but neither the engine's own nor its credentials", async () => {
    const environment = {
      GREETING: "hi",
      AWS_REGION: "eu-west-1",
      AWS_SECRET_ACCESS_KEY: "s",
      AWS_SESSION_TOKEN: "t",
      FANTAIL_BLOB_BUCKET: "b",
    };
    const endpoint = await run(
      aLease(() => ({ ...process.env }), [[]]),
      new MemoryBlobs(),
      environment,
    );
    expect(resultOf(endpoint.entries().get(0))).toEqual({ GREETING: "hi", AWS_REGION: "eu-west-1" });
  });
});
