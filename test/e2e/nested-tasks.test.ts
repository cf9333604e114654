import { uneval } from "devalue";
import { describe, expect, test } from "vitest";
import { CompositeError, RemoteError, TaskAborted } from "../../client/index.ts";
import { task } from "../../client/task.ts";
import { TestCluster } from "./a-cluster.ts";

async function fibonacci(n: number): Promise<number> {
  if (n < 2) return n;
  const { view } = task();
  const [a, b] = await Promise.all([view.apply(fibonacci, n - 1), view.apply(fibonacci, n - 2)]);
  return a + b;
}

async function deep(depth: number): Promise<string[]> {
  const own = task().id;
  return depth === 0 ? [own] : [own, ...(await task().view.apply(deep, depth - 1))];
}

describe("tasks that submit tasks, on two engines", () => {
  const cluster = new TestCluster();

  test("a tree of tasks returns the same as plain recursion", async () => {
    expect(await cluster.client.loadBalancedView().apply(fibonacci, 3)).toBe(2);
  }, 60_000);
});

/** Returns what a task sees of failing children. */
async function failures(): Promise<unknown> {
  const { view } = task();
  const fail = (x: number) => {
    throw new RangeError(`child ${x}`);
  };
  const one = await view.apply(fail, 1).catch((error) => error);
  const several = await view.map(fail, [2, 3]).catch((error) => error);
  return [one instanceof RemoteError, one.evalue, several instanceof CompositeError, several.errors?.length];
}

/** Waits for a child that outlives every test, and for one queued behind it. */
async function forever(): Promise<void> {
  await task().view.map(async (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)), [600_000, 1]);
}

async function withPackage(depth: number): Promise<string> {
  return depth === 0 ? uneval({ depth }) : task().view.apply(withPackage, depth - 1);
}

describe("a task and its children, on one engine", () => {
  const cluster = new TestCluster({ pools: [{ name: "default", count: 1 }] });

  test("four generations of tasks complete, although each waits for its children", async () => {
    const ids = await cluster.client.loadBalancedView().apply(deep, 3);
    expect(new Set(ids).size).toBe(4);
  }, 60_000);

  test("a parent sees the same errors of its children as a script does", async () => {
    expect(await cluster.client.loadBalancedView().apply(failures)).toEqual([true, "child 1", true, 2]);
  }, 30_000);

  test("a function that uses a package and submits itself either works or says what to do", async () => {
    const outcome = await cluster.client
      .loadBalancedView()
      .apply(withPackage, 1)
      .catch((error) => String(error));
    expect(outcome).toMatch(/^\{depth:0\}$|CaptureError.*/);
  }, 30_000);

  test("aborting a task that waits for its children aborts the children", async () => {
    const parent = cluster.client.loadBalancedView({ runTimeoutMs: 20_000 }).apply(forever);
    // One child is running, and one is queued behind it.
    await expect.poll(async () => (await cluster.status()).hints, { timeout: 10_000 }).toBe(1);
    await parent.abort();
    await expect(parent).rejects.toThrow(TaskAborted);
  }, 30_000);
});
