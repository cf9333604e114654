import { expect, test } from "vitest";
import { task } from "../../client/task.ts";
import { TestCluster } from "./a-cluster.ts";
import { Gate, opened } from "./gate.ts";

const cluster = new TestCluster();

test("U-8: a queued task is gone at once, and a running one hears of it and ends", async () => {
  const view = cluster.client.loadBalancedView({ targets: 0 });
  const running = view.apply(
    () =>
      new Promise<string>((resolve, reject) => {
        const { signal } = task();
        console.log("started");
        signal.addEventListener("abort", () => reject(signal.reason));
        setTimeout(() => resolve("went on"), 60_000);
      }),
  );
  await expect.poll(async () => (await cluster.status()).engines[0]?.load, { timeout: 10_000 }).toBe(1);
  const queued = view.apply(() => "ran");
  const waiting = cluster.client.loadBalancedView({ after: queued }).apply(() => "ran");
  await queued.abort();
  await expect(queued).rejects.toMatchObject({ code: "TaskAborted" });
  await expect(waiting).rejects.toMatchObject({ code: "ImpossibleDependency", reason: "was aborted" });
  expect(await running.ready()).toBe(false);
  await running.abort();
  await expect(running).rejects.toMatchObject({ code: "TaskAborted" });
});

test("U-20: of a map of which some items are aborted, those are TaskAborted and the rest arrives", async () => {
  const view = cluster.client.loadBalancedView({ targets: [1] });
  const gate = new Gate();
  const before = view.apply(opened, gate.path);
  const map = view.withFlags({ after: before }).map((x: number) => x * 2, [0, 1, 2, 3, 4]);
  await cluster.client.abort([map.taskIds[1] ?? "", map.taskIds[3] ?? ""]);
  gate.open();
  const items = await map.get({ returnExceptions: true });
  expect(items).toMatchObject([0, { code: "TaskAborted" }, 4, { code: "TaskAborted" }, 8]);
  await expect(map).rejects.toMatchObject({ code: "CompositeError", indexes: [1, 3] });
});
