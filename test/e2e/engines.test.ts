import { expect, test } from "vitest";
import { ImpossibleDependency, NoEnginesRegistered } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";
import { Gate, opened } from "./gate.ts";

const cluster = new TestCluster({
  hwm: 1,
  pools: [
    { name: "small", count: 2, memoryMb: 256, burst: 2 },
    { name: "large", count: 1, memoryMb: 1024 },
  ],
});

test("a client scales pools, drains engines, and knows their ids", async () => {
  const { client } = cluster;
  expect(client.ids).toEqual([0, 1, 2]);
  await client.scale("small", 3);
  expect(client.ids).toEqual([0, 1, 2, 3]);
  const gate = new Gate();
  const { path } = gate;
  const results = client.loadBalancedView({ targets: [3] }).map((x: number) => opened(path).then(() => x), [1, 2]);
  await results.info();
  const drained = client.drain(3);
  await expect.poll(async () => (await cluster.status()).engines[3]?.state).toBe("draining");
  await expect(client.drain([3], { timeoutMs: 0 })).rejects.toThrow(
    "timed out after 0 ms: drained engines still hold tasks (engine 3: 1). They get no new ones; wait again",
  );
  gate.open();
  await drained;
  expect(client.ids).toEqual([0, 1, 2]);
  const [first, second] = await results.get({ returnExceptions: true });
  expect(first).toBe(1);
  expect(second).toBeInstanceOf(ImpossibleDependency);
  expect(() => client.loadBalancedView({ targets: 3 }).apply(() => 0)).toThrow(NoEnginesRegistered);
  await expect(client.scale("huge", 1)).rejects.toBeInstanceOf(NoEnginesRegistered);
});

test("queueStatus counts each task where it is, and lists ids with `verbose`", async () => {
  const { client } = cluster;
  const gate = new Gate();
  const { path } = gate;
  const results = client.loadBalancedView({ targets: [0] }).map((x: number) => opened(path).then(() => x), [1, 2, 3]);
  await results.info();
  const counts = await client.queueStatus({ targets: [0, 1] });
  expect(counts).toMatchObject({ unassigned: 2, waiting: 0, engines: { 0: { tasks: 1, load: 1 }, 1: { tasks: 0 } } });
  expect(Object.keys(counts.engines)).toEqual(["0", "1"]);
  const named = await client.queueStatus({ verbose: true });
  expect([...(named.engines[0]?.tasks ?? []), ...named.unassigned]).toEqual(results.taskIds);
  const before = counts.engines[0]?.completed ?? 0;
  gate.open();
  await results;
  await cluster.atRest();
  expect((await client.queueStatus()).engines[0]).toEqual({ tasks: 0, load: 0, completed: before + 3 });
});

test("a pool of two functions has engines in each, and notices the death of each", async () => {
  const on = (engine: number) => cluster.client.loadBalancedView({ targets: [engine] });
  const nameThere = () => process.env.AWS_LAMBDA_FUNCTION_NAME;
  expect(new Set(await Promise.all([0, 1].map((engine) => on(engine).apply(nameThere)))).size).toBe(2);
  const deaths = [0, 1].map((engine) => on(engine).apply(() => process.kill(process.pid, "SIGKILL")));
  for (const death of deaths) await expect(death).rejects.toMatchObject({ code: "EngineError" });
});

test("a task that outgrows its engine's memory continues in a larger pool, without a retry", async () => {
  const fill = (mb: number) => Buffer.alloc(mb * 1024 * 1024, 1).length;
  const result = cluster.client.loadBalancedView({ escalate: true, targets: [0, 2] }).apply(fill, 300);
  expect(await result).toBe(300 * 1024 * 1024);
  expect(await result.metadata()).toMatchObject({ enginePool: "large" });
});
