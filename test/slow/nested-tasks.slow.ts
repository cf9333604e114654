import { describe, expect, test } from "vitest";
import { task } from "../../client/task.ts";
import { mergeSort } from "../../examples/merge-sort.ts";
import { TestCluster } from "../e2e/a-cluster.ts";

async function fibonacci(n: number): Promise<number> {
  if (n < 2) return n;
  const { view } = task();
  const [a, b] = await Promise.all([view.apply(fibonacci, n - 1), view.apply(fibonacci, n - 2)]);
  return a + b;
}

describe.each([1, 2])("large trees of tasks, on %i engines", (count) => {
  const cluster = new TestCluster({ pools: [{ name: "default", count }] });

  test("fifteen tasks give what plain recursion gives", async () => {
    expect(await cluster.client.loadBalancedView().apply(fibonacci, 5)).toBe(5);
  });

  test("a merge sort by 31 tasks sorts 20,000 numbers", async () => {
    const numbers = Array.from({ length: 20_000 }, (_, at) => (at * 7919) % 20_011);
    const sorted = await cluster.client.loadBalancedView().apply(mergeSort, numbers, 4);
    expect(sorted).toEqual([...numbers].sort((a, b) => a - b));
  });
});
