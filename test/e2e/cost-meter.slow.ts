import { describe, expect, test } from "vitest";
import { costOf } from "../../client/cost/cost.ts";
import { pricesOf } from "../../client/cost/prices.ts";
import { meterUsage } from "../../client/local/meter-usage.ts";
import { TestCluster } from "./a-cluster.ts";
import { expectAtRest } from "./sound-cloud.ts";

const cluster = new TestCluster({});

/**
 * Share by which run times may differ: the meter also has the time that calls take inside the cloud, and not that of
 * invocations which have not returned yet.
 */
const TIME_SHARE = 0.35;

describe("cost", () => {
  test("the cost of a job agrees with the cloud's own meter", async () => {
    const { cloud, client } = cluster;
    const view = client.loadBalancedView();
    const numbers = Array.from({ length: 2000 }, (_, at) => at);
    const texts = Array.from({ length: 20 }, (_, at) => String(at).repeat(20_000));
    // Each process charges what it used after its last outcome to the next job: the first job pays for the start.
    await view.map((x: number) => x * x, numbers);
    await expectAtRest(cloud);
    await cloud.resetMeter();
    const small = view.map((x: number) => x * x, numbers);
    await small;
    const one = await small.cost();
    const large = view.map((text: string) => `${text}!`, texts);
    await large;
    const other = await large.cost();
    await expectAtRest(cloud);
    const metered = costOf(meterUsage(await cloud.meter()), pricesOf("us-east-1"));
    expect(one.blobs).toBe(0);
    expect(other.blobs).toBeGreaterThan(0);
    expect(other.transfer).toBeGreaterThan(one.transfer);
    const sum = (part: keyof typeof one) => one[part] + other[part];
    expect(sum("blobs")).toBeCloseTo(metered.blobs, 12);
    // What each process uses after its last outcome differs by a few units, and the test's own look at the cluster counts.
    expect(Math.abs(sum("requests") / metered.requests - 1)).toBeLessThan(0.15);
    expect(Math.abs(sum("tables") / metered.tables - 1)).toBeLessThan(0.15);
    expect(Math.abs(sum("compute") / metered.compute - 1)).toBeLessThan(TIME_SHARE);
  });
});
