import { describe, expect, test } from "vitest";
import { task } from "../../client/task.ts";
import { mergeSort } from "../../examples/merge-sort.ts";
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

describe.each([1, 2])("tasks that submit tasks, on %i engines", (count) => {
  const cluster = new TestCluster({ pools: [{ name: "default", count }] });

  test("five generations end, though each task waits for those below it", async () => {
    const ids = await cluster.client.loadBalancedView().apply(deep, 5);
    expect(new Set(ids).size).toBe(6);
  }, 60_000);

  test("a tree of tasks gives what plain recursion gives", async () => {
    expect(await cluster.client.loadBalancedView().apply(fibonacci, 6)).toBe(8);
  }, 60_000);

  test("a merge sort by tasks sorts", async () => {
    const numbers = Array.from({ length: 20_000 }, (_, at) => (at * 7919) % 20_011);
    const sorted = await cluster.client.loadBalancedView().apply(mergeSort, numbers, 5);
    expect(sorted).toEqual([...numbers].sort((a, b) => a - b));
  }, 60_000);
});
