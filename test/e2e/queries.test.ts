import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { AsyncResult, Client, InvalidQuery, NotFinished, UnknownTask } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";
import { Gate, opened } from "./gate.ts";

const cluster = new TestCluster();
const view = () => cluster.client.loadBalancedView();

describe("queries", () => {
  test("queries find any client's tasks by label, time and outcome", async () => {
    const label = "queried";
    const map = view()
      .withFlags({ label })
      .map(
        (x: number) => {
          if (x === 2) throw new RangeError("two");
          return x;
        },
        [1, 2, 3],
      );
    const apply = view()
      .withFlags({ label })
      .apply(() => "done");
    await cluster.client.wait();
    expect(cluster.client.outstanding).toEqual([]);
    const other = await Client.connect(cluster.client.connection);
    try {
      const ids = [...map.taskIds, apply.jobId];
      expect(await other.hubHistory({ label })).toEqual(ids);
      expect(await other.resultStatus(ids)).toEqual({ pending: [], completed: ids, failed: [map.taskIds[1]] });
      const records = await other.dbQuery({ label, status: { $ne: "ok" } }, { keys: ["taskId", "error"] });
      expect(records).toMatchObject([{ taskId: map.taskIds[1], error: { ename: "RangeError", evalue: "two" } }]);
      expect(await other.dbQuery({ label, submitted: { $lt: new Date(0), $gt: 0 } })).toEqual([]);
      await expect(other.dbQuery({ submitted: { $lt: new Date() } })).rejects.toThrow(InvalidQuery);
      expect(other.history).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test("queries show where and when a map ran, and take it apart", async () => {
    const map = view().map((x: number) => 2 * x, [1, 2, 3, 4]);
    const byEngine = await map.byEngine();
    expect(Object.values(byEngine).flat().sort()).toEqual([2, 4, 6, 8]);
    const bars = await map.timeline();
    expect(bars.map(({ engineId }) => engineId).every((id) => id !== undefined && id in byEngine)).toBe(true);
    expect(await map.timedelta("started", "completed")).toBeGreaterThanOrEqual(0);
    expect(await AsyncResult.join(...(await map.split()))).toEqual([2, 4, 6, 8]);
    expect(cluster.client.history.slice(-4)).toEqual(map.taskIds);
  });

  test("queries omit purged tasks, and only finished ones are purged", async () => {
    const gate = new Gate();
    const slow = view().apply((path: string) => opened(path).then(() => "slow"), gate.path);
    const map = await view()
      .withFlags({ label: "purged" })
      .map((x: number) => x, [1, 2])
      .info();
    const { jobId = "" } = map;
    await cluster.client.wait(jobId);
    await expect(cluster.client.purgeResults([jobId, slow])).rejects.toThrow(NotFinished);
    await cluster.client.purgeResults(jobId);
    await expect(cluster.client.getResult(jobId)).rejects.toThrow(UnknownTask);
    expect(await cluster.client.hubHistory({ label: "purged" })).toEqual([]);
    gate.open();
    expect(await slow).toBe("slow");
  });

  test("queries find one job under an idempotency key, no matter who submits it again", async () => {
    const keyed = view().withFlags({ idempotencyKey: "once" });
    const first = await keyed.map(() => Math.random(), [1, 2, 3]);
    const other = await Client.connect(cluster.client.connection);
    try {
      const again = other.loadBalancedView({ idempotencyKey: "once" }).map(() => "not run", [1]);
      expect(await again).toEqual(first);
      expect(again.taskIds).toHaveLength(3);
    } finally {
      await other.close();
    }
  });

  test("a task's output is streamed while it runs", async () => {
    const gate = new Gate();
    const result = view().apply(async (path: string) => {
      console.log("begun");
      await opened(path);
      console.log("done");
    }, gate.path);
    const seen: [text: string, wasReady: boolean][] = [];
    const stdout = new Writable({
      write(chunk: Buffer, _, done) {
        result.ready().then((isReady) => {
          seen.push([chunk.toString(), isReady]);
          gate.open();
          done();
        }, done);
      },
    });
    expect(await result.streamOutput({ stdout })).toBe(true);
    await expect
      .poll(() => seen)
      .toEqual([
        ["begun\n", false],
        ["done\n", true],
      ]);
  });
});
