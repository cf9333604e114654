import { expect, test } from "vitest";
import { Client, type CompositeError } from "../../client/index.ts";
import { task } from "../../client/task.ts";
import type { ContractCluster } from "./contract-cluster.ts";

const range = (n: number) => Array.from({ length: n }, (_, index) => index);

async function factorial(n: number): Promise<number> {
  const { view } = task();
  return n < 2 ? 1 : n * (await view.withFlags({ targets: "default" }).apply(factorial, n - 1));
}

/** Tasks that run without faults, and tasks whose functions fail. */
export function taskScenarios(cluster: ContractCluster): void {
  test("apply runs a function with its captured values on an engine", async () => {
    const factor = 3;
    const view = await cluster.view();
    const result = view.apply((x: number) => [x * factor, task().engineId], 5);
    const [value, engineId] = await result;
    expect(value).toBe(15);
    expect(await result.metadata()).toMatchObject({ status: "ok", engineId, enginePool: "default" });
  });

  test("map keeps the order of 500 items", async () => {
    const view = await cluster.view();
    expect(await view.map((x: number) => x * x, range(500))).toEqual(range(500).map((x) => x * x));
  });

  test("a map reports errors by item, and returns the other results", async () => {
    const view = await cluster.view({ chunkSize: 3 });
    const failing = view.map((x: number) => {
      if (x === 4 || x === 7) throw new RangeError(`no ${x}`);
      return x;
    }, range(10));
    const error = (await failing.catch((reason: unknown) => reason)) as CompositeError;
    expect(error).toMatchObject({ code: "CompositeError", indexes: [4, 7] });
    expect(error.errors[0]).toMatchObject({ code: "RemoteError", ename: "RangeError", evalue: "no 4" });
    const items = await failing.get({ returnExceptions: true });
    expect(items.filter((item) => typeof item === "number")).toEqual([0, 1, 2, 3, 5, 6, 8, 9]);
  });

  test("a failing task runs exactly as often as its retries allow", async () => {
    const view = await cluster.view({ retries: 2 });
    const second = view.apply(() => {
      if (task().attempt === 1) throw new Error("not yet");
      return task().attempt;
    });
    const never = view.apply(() => {
      throw new Error("never");
    });
    expect(await second).toBe(2);
    await expect(never).rejects.toMatchObject({ evalue: "never" });
    const [tried, failed] = await Promise.all([second.metadata(), never.metadata()]);
    expect([tried, failed].flat().map(({ attempts }) => attempts.length)).toEqual([2, 3]);
  });

  test("a task after a map takes its values", async () => {
    const view = await cluster.view();
    const parts = view.map((x: number) => x + 1, range(40));
    const sum = view.apply((values: number[]) => values.reduce((a, b) => a + b, 0), parts);
    expect(await sum).toBe(820);
  });

  test("all direct and indirect dependents of a failed task end as impossible", async () => {
    const view = await cluster.view();
    const broken = view.apply(() => {
      throw new Error("no disk");
    });
    const after = (parent: typeof broken) => view.withFlags({ after: parent }).apply((): never => ({}) as never);
    const child = after(broken);
    const grandchild = after(child);
    await expect(child).rejects.toMatchObject({ code: "ImpossibleDependency", reason: "failed" });
    await expect(grandchild).rejects.toMatchObject({ code: "ImpossibleDependency" });
    await expect(broken).rejects.toMatchObject({ evalue: "no disk" });
  });

  test("more than 6 MB are sent in both directions through the bucket", async () => {
    const view = await cluster.view({ chunkSize: 1 });
    const bytes = new Uint8Array(1_700_000).map((_, at) => at % 251);
    const turned = await view.map(
      (part: Uint8Array, by: number) => part.map((byte) => byte ^ by),
      Array(4).fill(bytes),
      [1, 2, 3, 4],
    );
    expect(turned.map((part) => part.length)).toEqual([1, 2, 3, 4].map(() => bytes.length));
    for (const [at, part] of turned.entries())
      expect(part.every((byte, index) => byte === ((index % 251) ^ (at + 1)))).toBe(true);
  });

  test("finished tasks run again under new ids", async () => {
    const view = await cluster.view();
    const first = view.map((x: number) => [x, process.hrtime.bigint()] as const, range(5));
    const before = await first;
    const again = (await cluster.client()).resubmit<(readonly [number, bigint])[]>(first.taskIds.slice(1, 3));
    const after = await again;
    expect(after.map(([x]) => x)).toEqual([[1], [2]].flat());
    expect(after.flatMap(([, time], at) => (time === before[at + 1]?.[1] ? ["the same run"] : []))).toEqual([]);
    expect(again.taskIds.filter((id) => first.taskIds.includes(id))).toEqual([]);
  });

  test("two clients work at once, and each reads the other's results", async () => {
    const view = await cluster.view();
    const other = await Client.connect(cluster.cloud.address);
    try {
      const mine = view.map((x: number) => x + 1, range(60));
      const theirs = other.loadBalancedView({ targets: "default" }).map((x: number) => x - 1, range(60));
      await Promise.all([mine, theirs]);
      expect(await other.getResult(mine.jobId)).toEqual(range(60).map((x) => x + 1));
      expect(await (await cluster.client()).getResult(theirs.taskIds[7] ?? "")).toBe(6);
    } finally {
      await other.close();
    }
  });

  test("a task submits tasks of its own, and frees its engine while it waits", async () => {
    const view = await cluster.view();
    expect(await view.apply(factorial, 5)).toBe(120);
  });

  test("abort ends queued tasks at once, and running tasks through their signal", async () => {
    const view = await cluster.view({ targets: [0] });
    const running = view.apply(
      () =>
        new Promise<string>((resolve, reject) => {
          const { signal } = task();
          signal.addEventListener("abort", () => reject(signal.reason));
          setTimeout(() => resolve("went on"), 60_000);
        }),
    );
    const engineLoad = async () => (await cluster.status()).engines[0]?.load;
    await expect.poll(engineLoad, { timeout: 10_000 * cluster.patience }).toBe(1);
    const queued = view.apply(() => "ran");
    await queued.abort();
    await expect(queued).rejects.toMatchObject({ code: "TaskAborted" });
    expect(await running.ready()).toBe(false);
    await running.abort();
    await expect(running).rejects.toMatchObject({ code: "TaskAborted" });
  });
}
