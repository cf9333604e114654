import { expect, test } from "vitest";
import type { ContractCluster } from "./contract-cluster.ts";

const range = (n: number) => Array.from({ length: n }, (_, index) => index);
const slowSquare = (x: number) => new Promise<number>((resolve) => setTimeout(() => resolve(x * x), 20));

/** Calls that the cloud refuses, or accepts and loses: no task is lost, and none runs twice. */
export function lossScenarios(cluster: ContractCluster): void {
  test("a throttled pool completes its work", async () => {
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

  /** Submits a task whose session gets lost. Nobody waits for its result, so no client sends ticks. */
  const lose = async () => {
    const restore = await cluster.cloud.loseSessions("capped");
    try {
      const view = await cluster.view({ targets: [3] });
      const result = view.apply((x: number) => x + 1, 41);
      await result.info();
      await expect.poll(load, { timeout: 10_000 * cluster.patience }).toBe(1);
      // Return the id, not the result: an async function would wait for the result.
      return result.jobId;
    } finally {
      await restore();
    }
  };
  const load = async () => (await cluster.status()).engines.find(({ id }) => id === 3)?.load;
  const expectFound = async (id: string) => {
    const result = (await cluster.client()).getResult(id);
    expect(await result.get({ timeoutMs: 5_000 })).toBe(42);
    expect(await result.metadata()).toMatchObject({ attempts: [{ status: "ok" }] });
  };

  test("a sweep recovers a session that was lost silently", async () => {
    const id = await lose();
    const sweep = async () => {
      await cluster.send({ type: "sweep" });
      return load();
    };
    await expect.poll(sweep, { timeout: 20_000 * cluster.patience, interval: 500 }).toBe(0);
    await expectFound(id);
  });

  test("the one-minute rule sweeps while a job is open", { timeout: 300_000 }, async () => {
    const minute = cluster.cloud.ruleEveryMs ?? 60_000;
    const id = await lose();
    // A session counts as lost after two seconds, so the rule's second firing may be needed; a busy machine takes
    // longer.
    await expect.poll(load, { timeout: Math.max(3 * minute, 30_000), interval: minute / 20 }).toBe(0);
    await expectFound(id);
  });
}
