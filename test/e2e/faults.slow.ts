import { describe, expect, test } from "vitest";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster();
const view = () => cluster.client.loadBalancedView();
const square = (x: number) => x * x;

describe("a task that harms its engine affects no other task", () => {
  test("a task that runs out of memory fails with that reason", async () => {
    const attempt = view().apply(() => {
      const hoard: unknown[] = [];
      for (;;) hoard.push(new Array(1e6).fill(hoard.length));
    });
    await expect(attempt).rejects.toMatchObject({ code: "EngineError", evalue: expect.stringContaining("memory") });
    expect(await view().apply(square, 5)).toBe(25);
  });
});
