import { expect, test } from "vitest";
import { BudgetExceeded, CompositeError, InvalidFlag } from "../../client/index.ts";
import { task } from "../../client/task.ts";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster();

/** Keeps an engine busy, because run time causes the cost. */
function work(ms: number): number {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return ms;
}

test("a job ends when its spending reaches its budget, and its errors say what was spent", async () => {
  // The first job of a cluster is also charged for the cluster's start.
  await cluster.client.loadBalancedView().map(work, [1, 1]);
  const budgetUsd = 0.000_05;
  const view = cluster.client.loadBalancedView({ budgetUsd });
  const times = Array.from({ length: 300 }, () => 50);
  const result = view.map(work, times);
  const error: unknown = await result.then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!(error instanceof CompositeError)) throw new Error(`the job ended with ${error}`);
  const [first] = error.errors;
  if (!(first instanceof BudgetExceeded)) throw new Error(`a task ended with ${first}`);
  expect(first.message).toContain("budgetUsd $0.00005");
  expect(first).toMatchObject({ code: "BudgetExceeded", budgetUsd });
  expect(first.spentUsd).toBeGreaterThanOrEqual(budgetUsd);
  expect(error.errors.every((one) => one instanceof BudgetExceeded)).toBe(true);
  const ran = times.length - error.errors.length;
  expect(ran).toBeGreaterThan(0);
  const { usd } = await result.cost();
  expect(usd).toBeGreaterThan(budgetUsd);
  const failed = result.taskIds.slice(-3);
  expect(await cluster.client.resubmit(failed, { budgetUsd: 1 })).toHaveLength(3);
});

test("a task's own view may have a budget, which ends only its job", async () => {
  const ends = await cluster.client.loadBalancedView().apply(async () => {
    const view = task().view.withFlags({ budgetUsd: 0.000_005, returnExceptions: true });
    const ended: unknown[] = await view.map(work, Array(100).fill(10));
    return ended.map((one) => (one instanceof Error ? one.name : one));
  });
  expect(ends.slice(-1)).toEqual(["BudgetExceeded"]);
});

test("imap refuses a budget, because its items are several jobs", () => {
  const view = cluster.client.loadBalancedView({ budgetUsd: 1 });
  expect(() => view.imap(work, [1])).toThrow(InvalidFlag);
});
