import { expect, test } from "vitest";
import { task } from "../../client/task.ts";
import { TestCluster } from "./a-cluster.ts";
import { Gate, opened } from "./gate.ts";

const cluster = new TestCluster();

test("an aborted task ends at once if queued, and after its signal if running", async () => {
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
  expect(await queued.abort()).toEqual({ aborted: queued.taskIds, stopping: [], ended: [] });
  await expect(queued).rejects.toMatchObject({
    code: "TaskAborted",
    evalue: "the task was aborted before it started",
  });
  expect(await queued.metadata()).toMatchObject({ status: "aborted", attempts: [], engineId: undefined });
  await expect(waiting).rejects.toMatchObject({ code: "ImpossibleDependency", reason: "was aborted" });
  expect(await running.ready()).toBe(false);
  expect(await running.abort()).toEqual({ aborted: [], stopping: running.taskIds, ended: [] });
  await expect(running).rejects.toMatchObject({ code: "TaskAborted", evalue: "the task was aborted while it ran" });
  expect((await running.metadata()).attempts).toMatchObject([{ engineId: 0, status: "aborted" }]);
  expect((await waiting.metadata()).attempts).toEqual([]);
});

test("an abort reports the tasks that had already ended", async () => {
  const view = cluster.client.loadBalancedView();
  const map = view.map((x: number) => 1 / x, [1, 2]);
  await map;
  const none = { aborted: [], stopping: [], ended: map.taskIds };
  expect(await map.abort()).toEqual(none);
  expect(await cluster.client.abort(map.jobId)).toEqual(none);
  expect(await map).toEqual([1, 0.5]);
});

test("a task that times out before it starts has made no attempt", async () => {
  const gate = new Gate();
  const view = cluster.client.loadBalancedView({ targets: 0 });
  const before = view.apply(opened, gate.path);
  await expect.poll(async () => (await cluster.status()).engines[0]?.load).toBe(1);
  const late = view.withFlags({ timeoutMs: 50 }).apply(() => "ran");
  await expect(late).rejects.toMatchObject({
    code: "TaskTimeout",
    evalue: "the task waited in the queue longer than timeoutMs (50 ms)",
  });
  gate.open();
  await before;
  expect(await late.metadata()).toMatchObject({ status: "timeout", attempts: [], refusedBy: [], started: undefined });
});

test("if some items of a map are aborted, those fail with TaskAborted and the others return their values", async () => {
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
