import { expect, test } from "vitest";
import { costOf } from "../../client/cost/cost.ts";
import { pricesOf } from "../../client/cost/prices.ts";
import { BudgetExceeded, CompositeError } from "../../client/index.ts";
import { meterUsage } from "../../client/local/meter-usage.ts";
import { MAX_AIM_MS } from "../../lambdas/core/lease-size.ts";
import { TestCluster } from "./a-cluster.ts";
import { expectAtRest } from "./sound-cloud.ts";

const ENGINES = 8;
const MEMORY_MB = 10_240;
const TASKS = 10_000;
const TASK_MS = 750;
const BUDGET_USD = 0.01;
/** Maximum number of such tasks in a lease: one more than fit into the longest. */
const LEASE_TASKS = Math.ceil(MAX_AIM_MS / TASK_MS) + 1;

const cluster = new TestCluster({ pools: [{ name: "default", count: ENGINES, memoryMb: MEMORY_MB }] });

test("a job that would cost a dollar ends within one lease of a budget of a cent", { timeout: 120_000 }, async () => {
  const { cloud, client } = cluster;
  // The first job of a cluster is also charged for the cluster's start.
  await client.loadBalancedView().map((x: number) => x, Array(ENGINES).fill(1));
  await expectAtRest(cloud);
  await cloud.resetMeter();
  const prices = pricesOf("us-east-1");
  const taskUsd = ((TASK_MS / 1000) * MEMORY_MB * prices.gbSecond.arm64) / 1024;
  expect(TASKS * taskUsd).toBeCloseTo(1, 2);

  const wait = (ms: number) => new Promise((resolve) => setTimeout(() => resolve(ms), ms));
  const result = client.loadBalancedView({ budgetUsd: BUDGET_USD }).map(wait, Array(TASKS).fill(TASK_MS));
  const error: unknown = await result.then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!(error instanceof CompositeError)) throw new Error(`the job ended with ${error}`);
  expect(error.errors.every((one) => one instanceof BudgetExceeded)).toBe(true);
  const ran = TASKS - error.errors.length;
  const { usd } = await result.cost();
  await expectAtRest(cloud);
  const metered = costOf(meterUsage(await cloud.meter()), prices).usd;
  // Besides running tasks, a job pays for its calls.
  expect(usd).toBeGreaterThan(BUDGET_USD);
  expect(ran).toBeLessThan(BUDGET_USD / taskUsd + ENGINES * LEASE_TASKS);
  // The rest is for storing the outcomes of the tasks that did not run.
  expect(metered).toBeLessThan(2 * BUDGET_USD);
});
