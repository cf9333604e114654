import { describe, expect, test } from "vitest";
import { Client, CompositeError, EngineError, NameError, Reference } from "../../client/index.ts";
import { task } from "../../client/task.ts";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster({ pools: [{ name: "default", count: 3 }] });

describe("apply", () => {
  test("apply runs on every engine, or on chosen ones, in their order", async () => {
    const where = (base: number) => base + task().engineId;
    expect(await cluster.client.directView().apply(where, 10)).toEqual([10, 11, 12]);
    expect(await cluster.client.directView([2, 0]).apply(where, 0)).toEqual([2, 0]);
    expect(await cluster.client.directView("default").apply(where, 0)).toEqual([0, 1, 2]);
    expect(await cluster.client.directView(1).apply(where, 0)).toBe(1);
  });

  test("a failed apply on several engines names the position in the list", async () => {
    const failing = cluster.client.directView().apply(() => {
      if (task().engineId === 1) throw new RangeError("not here");
      return "fine";
    });
    const error = await failing.then(undefined, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CompositeError);
    expect((error as CompositeError).indexes).toEqual([1]);
    const kept = cluster.client.directView().withFlags({ returnExceptions: true });
    expect((await kept.apply(() => task().engineId)).length).toBe(3);
  });
});

test("map gives each engine one contiguous block", async () => {
  const view = cluster.client.directView();
  const done = await view.map((x: number) => [x, task().engineId], [0, 1, 2, 3, 4, 5, 6]);
  expect(done).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 1],
    [4, 1],
    [5, 2],
    [6, 2],
  ]);
  expect(await view.map((x: number) => x, [])).toEqual([]);
  expect(await view.map((x: number) => x + 1, [1])).toEqual([2]);
});

describe("named values", () => {
  test("pushed values are pulled, engine by engine", async () => {
    const { client } = cluster;
    await client.directView().push({ a: 5, b: new Map([[1, "one"]]) });
    await client.directView([1]).push({ a: 6 });
    expect(await client.directView().pull("a")).toEqual([5, 6, 5]);
    expect(await client.directView(1).pull("a")).toBe(6);
    expect(await client.directView(0).pull(["a", "b"])).toEqual([5, new Map([[1, "one"]])]);
    await expect(client.directView().pull("nothing")).rejects.toMatchObject({ code: "NameError", variable: "nothing" });
  });

  test("tasks of any view can refer to pushed values, at any depth, also in chunks and by other clients", async () => {
    const { client } = cluster;
    void client.directView().push({ n: 7, long: "x".repeat(100_000) });
    const lb = client.loadBalancedView();
    const deep = lb.apply((arg: { list: number[] }) => arg, { list: [1, new Reference("n")] });
    expect(await deep).toEqual({ list: [1, 7] });
    expect(await lb.apply((text: string) => text.length, new Reference("long"))).toBe(100_000);
    const chunks = lb
      .withFlags({ chunkSize: 2 })
      .map((x: number, n: number) => x + n, [1, 2, 3], [new Reference("n"), 1, new Reference("n")] as number[]);
    expect(await chunks).toEqual([8, 3, 10]);
    const other = await Client.connect({ urlFile: cluster.cloud.urlFile });
    try {
      expect(await other.loadBalancedView().apply((n: number) => n * 2, new Reference("n"))).toBe(14);
    } finally {
      await other.close();
    }
  });

  test("a pushed function can be called by its name, with its captured values", async () => {
    const { client } = cluster;
    const factor = 3;
    const times = (x: number) => x * factor;
    await client.directView().push({ times });
    const named = new Reference<(x: number) => number>("times");
    expect(await client.loadBalancedView().apply(named, 4)).toBe(12);
    expect(await client.loadBalancedView().map(named, [1, 2])).toEqual([3, 6]);
    expect(await client.directView().map(named, [1, 2, 3, 4])).toEqual([3, 6, 9, 12]);
    expect(await client.directView(0).apply((f: typeof times, x: number) => f(x), named, 5)).toBe(15);
    await expect(client.directView(0).pull("times")).rejects.toMatchObject({ code: "CodecError" });
  });

  test("a task that refers to an unknown name fails with a NameError, as in ipyparallel", async () => {
    const view = cluster.client.loadBalancedView();
    await expect(view.apply((x: number) => x, new Reference("missing"))).rejects.toMatchObject({ ename: "NameError" });
    expect(NameError.code).toBe("NameError");
  });

  test("named values survive the engine's process, and a task's changes to one are not seen by the next", async () => {
    const view = cluster.client.directView(1);
    await view.push({ list: [1] });
    const push = (list: number[]) => list.push(2);
    expect(await view.apply(push, new Reference("list"))).toBe(2);
    const killed = view.apply(() => process.kill(process.pid, "SIGKILL"));
    await expect(killed).rejects.toBeInstanceOf(EngineError);
    expect(await view.apply(push, new Reference("list"))).toBe(2);
    expect(await view.pull("list")).toEqual([1]);
  });
});

test("scatter gives each engine its block, gather puts them together", async () => {
  const view = cluster.client.directView();
  await view.scatter("part", [1, 2, 3, 4, 5, 6, 7]);
  expect(await view.pull("part")).toEqual([
    [1, 2, 3],
    [4, 5],
    [6, 7],
  ]);
  const sums = await view.apply((part: number[]) => part.reduce((sum, x) => sum + x, 0), new Reference("part"));
  expect(sums).toEqual([6, 9, 13]);
  expect(await view.gather("part")).toEqual([1, 2, 3, 4, 5, 6, 7]);
  await view.scatter("bytes", new Float64Array([0.5, 1.5, 2.5]));
  expect(await view.pull("bytes")).toEqual([new Float64Array([0.5]), new Float64Array([1.5]), new Float64Array([2.5])]);
  expect(await view.gather("bytes")).toEqual([0.5, 1.5, 2.5]);
  await view.scatter("rank", [0, 1, 2], { flatten: true });
  expect(await view.pull("rank")).toEqual([0, 1, 2]);
});

test("a direct view's tasks wait for their engine while other tasks run", async () => {
  const { client } = cluster;
  const many = client.loadBalancedView().map(
    (x: number) => x,
    Array.from({ length: 300 }, (_, x) => x),
  );
  const direct = client.directView().apply(() => task().engineId);
  expect(await direct).toEqual([0, 1, 2]);
  expect(await many).toHaveLength(300);
});
