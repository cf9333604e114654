import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { task } from "../../client/task.ts";
import { mergeSort } from "../../examples/merge-sort.ts";
import { TestCluster } from "../e2e/a-cluster.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

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

describe.each([1, 2])("large trees of tasks, on %i engines", (count) => {
  const cluster = new TestCluster({ pools: [{ name: "default", count }] });

  test("fifteen tasks give what plain recursion gives", async () => {
    expect(await cluster.client.loadBalancedView().apply(fibonacci, 5)).toBe(5);
  });

  test("six generations of tasks complete, although each waits for its children", async () => {
    const ids = await cluster.client.loadBalancedView().apply(deep, 5);
    expect(new Set(ids).size).toBe(6);
  });

  test("a merge sort by 31 tasks sorts 20,000 numbers", async () => {
    const numbers = Array.from({ length: 20_000 }, (_, at) => (at * 7919) % 20_011);
    const sorted = await cluster.client.loadBalancedView().apply(mergeSort, numbers, 4);
    expect(sorted).toEqual([...numbers].sort((a, b) => a - b));
  });
});

test("the example of divide and conquer runs, and checks itself", async () => {
  const args = ["dist/examples/divide-and-conquer.js", "2"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(stdout).toMatch(/numbers, sorted by 7 tasks/);
  expect(stdout).toContain("checked: equal to a plain sort");
}, 120_000);
