import { describe, expect, test } from "vitest";
import { SCHEME_NAMES } from "../../lambdas/protocol/flags.ts";
import { TestCluster } from "../e2e/a-cluster.ts";

const range = (n: number) => Array.from({ length: n }, (_, index) => index);

describe.each(["adaptive", 0, 1, 3] as const)("hwm %s", (hwm) => {
  const cluster = new TestCluster({ hwm, pools: [{ name: "default", count: 3 }] });

  test.each(SCHEME_NAMES)("scheme %s returns correct results", async (scheme) => {
    const view = cluster.client.loadBalancedView({ scheme });
    expect(await view.map((x: number) => x * x, range(100))).toEqual(range(100).map((x) => x * x));
    const lone = await Promise.all(range(7).map((x) => view.apply((y: number) => y + 1, x)));
    expect(lone).toEqual(range(7).map((x) => x + 1));
  });
});
