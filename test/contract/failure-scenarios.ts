import { expect, test } from "vitest";
import { task } from "../../client/task.ts";
import type { ContractCluster } from "./contract-cluster.ts";

const range = (n: number) => Array.from({ length: n }, (_, index) => index);

/** Engines that die and functions that never end: the task's result says so, and other tasks are unaffected. */
export function failureScenarios(cluster: ContractCluster): void {
  test("a task that kills its engine fails with EngineError, and its neighbours get their results", async () => {
    const view = await cluster.view({ returnExceptions: true });
    const outcomes = await view.map((x: number) => {
      if (x === 17) process.kill(process.pid, "SIGKILL");
      return x * x;
    }, range(40));
    expect(range(40).filter((x) => outcomes[x] !== x * x)).toEqual([17]);
    expect(outcomes[17]).toMatchObject({ code: "EngineError" });
    // Both engines work again.
    const all = (await cluster.client()).directView([0, 1]);
    expect(await all.apply(() => "alive")).toEqual(["alive", "alive"]);
  });

  test("with a retry, a dead engine's task is run by another environment", async () => {
    const view = await cluster.view({ retries: 1 });
    const result = view.apply(() => {
      if (task().attempt === 1) process.kill(process.pid, "SIGKILL");
      return task().attempt;
    });
    expect(await result).toBe(2);
  });

  test("a task that exceeds its function's timeout fails with that reason, and the next one runs", async () => {
    const view = await cluster.view({ targets: "brief" });
    const endless = view.apply(() => {
      for (;;);
    });
    await expect(endless).rejects.toMatchObject({ code: "RunTimeout" });
    expect(await view.apply(() => "next")).toBe("next");
  });

  test("a task whose invocation Lambda ends fails with EngineError, and its engine is free again", async () => {
    const view = await cluster.view({ targets: "brief" });
    // A stopped process neither reports nor exits, so only the cloud's timeout can end it.
    const stopped = view.apply(() => process.kill(process.pid, "SIGSTOP"));
    await expect(stopped).rejects.toMatchObject({ code: "EngineError" });
    expect(await view.apply(() => "next")).toBe("next");
  });
}
