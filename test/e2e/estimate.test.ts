import { expect, test } from "vitest";
import { InvalidFlag, requires } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster();
const numbers = Array.from({ length: 100 }, (_, at) => at);

test("an estimate runs a sample, spread over the items, and says how many, what the whole costs, and at which memory", async () => {
  const before = cluster.client.history.length;
  const found = await cluster.client.estimate((x: number) => x * x, numbers, { sample: 8 });
  expect(found).toMatchObject({ tasks: 100, sampled: 8 });
  expect(found.usd).toBeGreaterThan(0);
  expect(found.seconds).toBeGreaterThan(0);
  expect(found.low).toBeLessThanOrEqual(found.usd);
  expect(found.high).toBeGreaterThanOrEqual(found.usd);
  expect(found.byMemory?.length).toBeGreaterThan(0);
  const ran = await cluster.client.getResult<number[]>(cluster.client.history.slice(before + 2));
  expect(Math.max(...ran.flat())).toBeGreaterThan(49 ** 2);
});

test("the memory of guarded functions is not known, and nothing costs nothing", async () => {
  const guarded = requires("node:path")((x: number) => x + 1);
  expect((await cluster.client.estimate(guarded, [1, 2], { sample: 1 })).byMemory).toBeUndefined();
  expect(await cluster.client.estimate(guarded, [])).toMatchObject({ tasks: 0, sampled: 0, usd: 0 });
});

test("an estimate rejects with the error of tasks that all fail, and for a sample that is no number of items", async () => {
  const failing = (x: number) => {
    throw new RangeError(`no root of ${x}`);
  };
  await expect(cluster.client.estimate(failing, [-1, -2], { sample: 2 })).rejects.toMatchObject({
    ename: "RangeError",
  });
  const flags = { chunkSize: 2 };
  await expect(cluster.client.estimate(Math.abs, [1], { flags })).rejects.toMatchObject({ flag: "chunkSize" });
  for (const sample of [0, -1, 1.5, Number.NaN])
    await expect(cluster.client.estimate(Math.abs, [1], { sample })).rejects.toThrow(InvalidFlag);
});
