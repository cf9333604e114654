import { describe, expect, test } from "vitest";
import { SCHEME_NAMES } from "../../lambdas/protocol/flags.ts";
import { TestCluster } from "./a-cluster.ts";

const range = (n: number) => Array.from({ length: n }, (_, index) => index);

// `npm run test:slow` and random simulations test high-water marks of 0 and 3.
describe.each(["adaptive", 1] as const)("hwm %s", (hwm) => {
  const cluster = new TestCluster({ hwm, pools: [{ name: "default", count: 3 }] });

  test.each(SCHEME_NAMES)("scheme %s returns correct results", async (scheme) => {
    const view = cluster.client.loadBalancedView({ scheme });
    const n = hwm === 1 ? 20 : 100;
    expect(await view.map((x: number) => x * x, range(n))).toEqual(range(n).map((x) => x * x));
    const lone = await Promise.all(range(7).map((x) => view.apply((y: number) => y + 1, x)));
    expect(lone).toEqual(range(7).map((x) => x + 1));
  });
});
