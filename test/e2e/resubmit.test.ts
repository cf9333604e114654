import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client, ImpossibleDependency, NotFinished } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";
import { Gate, opened } from "./gate.ts";

const cluster = new TestCluster();

test("tasks run again under new ids, with their flags and chunks, also for another client", async () => {
  const view = cluster.client.loadBalancedView({ label: "first", targets: [1], chunkSize: 2 });
  const map = view.map((x: number) => [x, process.hrtime.bigint()] as const, [0, 1, 2, 3, 4]);
  const before = await map;
  const other = await Client.connect({ urlFile: cluster.cloud.urlFile });
  try {
    const again = other.resubmit<[number, bigint]>([...map.taskIds].reverse());
    expect(again.taskIds).toHaveLength(3);
    const after = await again;
    expect(after.map(([x]) => x)).toEqual([4, 2, 3, 0, 1]);
    expect(after.every(([x, time]) => time > (before[x]?.[1] ?? 0n))).toBe(true);
    const all = await again.metadata();
    expect(all.map(({ label, engineId }) => [label, engineId])).toEqual(after.map(() => ["first", 1]));
    // The old results are unchanged.
    expect(await other.getResult(map.jobId)).toEqual(before);
  } finally {
    await other.close();
  }
});

test("a task that has not finished is not run twice", async () => {
  const gate = new Gate();
  const slow = cluster.client.loadBalancedView().apply((path: string) => opened(path).then(() => "done"), gate.path);
  await expect(cluster.client.resubmit(slow.jobId)).rejects.toMatchObject({
    code: new NotFinished("").code,
    taskId: slow.jobId,
  });
  gate.open();
  expect(await slow).toBe("done");
  expect(await cluster.client.resubmit(slow.jobId)).toBe("done");
});

test("downstream runs again the tasks that could not run, with the values of the new run", async () => {
  const flag = join(await mkdtemp(join(tmpdir(), "fantail-")), "mended");
  const view = cluster.client.loadBalancedView();
  const read = view.apply(async (path: string) => Number(await readFile(path, "utf8")), flag);
  const plus = view.apply((x: number) => x + 1, read);
  const times = view.withFlags({ after: plus, label: "last" }).apply(() => "after all");
  await expect(times).rejects.toBeInstanceOf(ImpossibleDependency);
  await writeFile(flag, "41");
  const again = cluster.client.resubmit<number>(read.jobId, { downstream: true });
  expect(await again).toBe(41);
  const [revived] = await cluster.client.dbQuery({ label: "last", status: { $ne: "impossible" } });
  expect(await cluster.client.getResult(revived?.taskId ?? "")).toBe("after all");
  // The task that took the result waits for the new run, and gets its value.
  expect(revived?.after).toHaveLength(1);
  expect(await cluster.client.getResult(revived?.after?.[0] ?? "")).toBe(42);
});
