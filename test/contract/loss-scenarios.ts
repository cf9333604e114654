import { expect, test } from "vitest";
import type { ContractCluster } from "./contract-cluster.ts";

const range = (n: number) => Array.from({ length: n }, (_, index) => index);
const slowSquare = (x: number) => new Promise<number>((resolve) => setTimeout(() => resolve(x * x), 20));

/** Calls that the cloud refuses, or accepts and forgets: nothing is lost, and nothing runs twice. */
export function lossScenarios(cluster: ContractCluster): void {
  test("a pool that is throttled gets its work done", async () => {
    const restore = await cluster.cloud.throttle("capped");
    try {
      const view = await cluster.view({ targets: "capped" });
      const results = view.map(slowSquare, range(60));
      expect(await results).toEqual(range(60).map((x) => x * x));
      expect((await results.metadata()).filter(({ attempts }) => attempts.length !== 1)).toEqual([]);
    } finally {
      await restore();
    }
  });

  test("a session that is lost without a word is found by the sweep, while no client waits", async () => {
    const restore = await cluster.cloud.loseSessions("capped");
    const view = await cluster.view({ targets: [3] });
    const result = view.apply((x: number) => x + 1, 41);
    try {
      await result.info();
      const loads = async () => (await cluster.status()).engines.find(({ id }) => id === 3)?.load;
      await expect.poll(loads, { timeout: 10_000 * cluster.patience }).toBe(1);
    } finally {
      await restore();
    }
    const rest = async () => {
      await cluster.tell({ type: "sweep" });
      return (await cluster.status()).engines.reduce((sum, { load }) => sum + load, 0);
    };
    await expect.poll(rest, { timeout: 20_000 * cluster.patience, interval: 500 }).toBe(0);
    expect(await result.get({ timeoutMs: 5_000 })).toBe(42);
    expect(await result.metadata()).toMatchObject({ attempts: [{ status: "ok" }] });
  });
}
