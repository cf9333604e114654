import { beforeAll, expect, test } from "vitest";
import { costOf } from "../../client/cost/cost.ts";
import { pricesOf } from "../../client/cost/prices.ts";
import { meterUsage } from "../../client/local/meter-usage.ts";
import { TestCluster } from "./a-cluster.ts";
import { expectAtRest } from "./sound-cloud.ts";

const cluster = new TestCluster({});

/** Waits, so that a task's time does not depend on the machine's load. */
const render = (ms: number) => new Promise((resolve) => setTimeout(() => resolve(ms), ms));
/** Times of tasks, from 20 to 180 ms, shuffled. */
const lengths = Array.from({ length: 400 }, (_, at) => 20 + ((at * 7919) % 161));
const numbers = Array.from({ length: 10_000 }, (_, at) => at);
const texts = Array.from({ length: 300 }, (_, at) => String(at).padStart(4, "0").repeat(10_000));

// The first job of a cluster is also charged for the cluster's start.
beforeAll(async () => {
  await cluster.client.loadBalancedView().map((x: number) => x * x, numbers);
  await cluster.client.loadBalancedView().map(render, lengths.slice(0, 40));
});

const JOBS: [string, () => Promise<Figures>][] = [
  ["tasks of 20 to 180 ms", () => compared(render, lengths)],
  ["two thousand tasks of 5 ms", () => compared(render, Array(2000).fill(5))],
  ["values of 40 KB there and back", () => compared((text: string) => `${text}!`, texts)],
];

interface Figures {
  usd: number;
  low: number;
  high: number;
  seconds: number;
  sampled: number;
  metered: number;
  tookSeconds: number;
}

/** Estimates a map and then runs it, and returns what it cost by the cloud's own meter. */
async function compared<X>(fn: (x: X) => unknown, xs: X[]): Promise<Figures> {
  const { cloud, client } = cluster;
  const { usd, low, high, seconds, sampled } = await client.estimate(fn, xs);
  await expectAtRest(cloud);
  await cloud.resetMeter();
  const began = performance.now();
  await client.loadBalancedView().map(fn, xs);
  const tookSeconds = (performance.now() - began) / 1000;
  await expectAtRest(cloud);
  const metered = costOf(meterUsage(await cloud.meter()), pricesOf("us-east-1")).usd;
  return { usd, low, high, seconds, sampled, metered, tookSeconds };
}

test.each(JOBS)("the estimate of $0 is within a quarter of the meter", { timeout: 300_000 }, async (name, job) => {
  const figures = await job();
  console.log(name, figures, `estimate / meter: ${(figures.usd / figures.metered).toFixed(3)}`);
  expect(Math.abs(figures.usd / figures.metered - 1)).toBeLessThan(0.25);
});
