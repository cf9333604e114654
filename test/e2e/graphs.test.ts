import { describe, expect, test } from "vitest";
import { AsyncResult, Dependency, ImpossibleDependency, InvalidDependency, RemoteError } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";
import { dependencyEnds } from "./dependency-ends.ts";
import { ended } from "./ended.ts";

const cluster = new TestCluster();
const view = () => cluster.client.loadBalancedView();

const square = (x: number) => x * x;
const sleep = (ms: number) => new Promise<number>((resolve) => setTimeout(() => resolve(ms), ms));
const fail = (text: string): number => {
  throw new RangeError(text);
};

describe("`after` through the client", () => {
  test("`after` takes an id, a result, a map's result, and lists of them", async () => {
    const one = view().apply(sleep, 50);
    const map = view().map(sleep, [30, 60]);
    for (const after of [one.taskIds[0] ?? "", one, map, [one, map.taskIds[1] ?? "", map]]) {
      const task = view().withFlags({ after }).apply(square, 3);
      expect(await task).toBe(9);
      const { started } = await task.metadata();
      const [parent, children] = await Promise.all([one.metadata(), map.metadata()]);
      const ends =
        after === map ? children : after === one || typeof after === "string" ? [parent] : [parent, ...children];
      for (const { completed } of ends) expect(started?.getTime()).toBeGreaterThanOrEqual(completed?.getTime() ?? 1e15);
    }
  });

  // `npm run test:slow` has the other rows of the truth table.
  dependencyEnds(cluster, [
    ["all, one fails", { all: true }, ["ok", "bad"], "ImpossibleDependency"],
    ["any, one fails", { all: false }, ["ok", "bad"], "ok"],
  ]);

  test("a dependency on neither success nor failure, on an unknown task, or on nothing that exists is invalid", async () => {
    const one = view().apply(square, 1);
    expect(() => new Dependency([one], { success: false, failure: false })).toThrow(InvalidDependency);
    const unknown = "01JZZZZZZZZZZZZZZZZZZZZZZZ.0";
    expect(await ended(view().withFlags({ after: unknown }).apply(square, 1))).toBe("InvalidDependency");
    await one;
  });

  test("each task of a map after a map waits for the whole first map", async () => {
    const first = view().map(sleep, [40, 10, 20]);
    const second = view().withFlags({ after: first }).map(square, [1, 2, 3, 4]);
    expect(await second).toEqual([1, 4, 9, 16]);
    const last = Math.max(...(await first.metadata()).map(({ completed }) => completed?.getTime() ?? 1e15));
    for (const { started } of await second.metadata()) expect(started?.getTime()).toBeGreaterThanOrEqual(last);
  });
});

describe("several results as arguments of one task", () => {
  const add = (x: number, y: number) => x + y;

  test("results of one job may be arguments of one task", async () => {
    const a = view().apply(() => 1);
    const b = view().apply(() => 2);
    expect(await view().apply(add, a, b)).toBe(3);
    expect(await view().apply(add, a, a)).toBe(2);
    const sums = view().map(add, [a, b, a], [b, b, a]);
    expect(await sums).toEqual([3, 4, 2]);
    expect(await view().apply(add, a, view().apply(add, b, a))).toBe(4);
  });

  test("pieces of a map, joined maps and chunks may be arguments of one task", async () => {
    const double = (x: number) => 2 * x;
    const pieces = await view().map(double, [1, 2, 3]).split();
    const list = (...all: unknown[]) => all;
    expect(await view().apply(list, ...pieces)).toEqual([2, 4, 6]);
    expect(await view().apply(list, ...pieces.toReversed(), ...pieces)).toEqual([6, 4, 2, 2, 4, 6]);
    const chunked = view().withFlags({ chunkSize: 2 }).map(double, [4, 5, 6]);
    expect(await view().apply(list, ...(await chunked.split()))).toEqual([[8, 10], [12]]);
    const joined = AsyncResult.join(chunked, view().map(double, [7, 8]), chunked);
    const lists = view().apply((xs: number[], ys: number[]) => [xs, ys], joined, chunked);
    expect(await lists).toEqual([
      [8, 10, 12, 14, 16, 8, 10, 12],
      [8, 10, 12],
    ]);
  });
});

test("metadata lists after and follow", async () => {
  const one = view().apply(square, 1);
  const other = view().apply(square, 2);
  const task = view().withFlags({ after: one, follow: other }).apply(square, 3);
  await task;
  const { after, follow } = await task.metadata();
  expect(JSON.stringify(after)).toContain(one.taskIds[0]);
  expect(JSON.stringify(follow)).toContain(other.taskIds[0]);
});

test("an impossible dependency is caught by its class, and names the task, the reason and the cause", async () => {
  const failing = view().apply(fail, "no disk");
  const task = view().withFlags({ after: failing }).apply(square, 3);
  const error = await task.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ImpossibleDependency);
  expect(error).toMatchObject({
    code: "ImpossibleDependency",
    taskId: task.taskIds[0],
    dependency: failing.taskIds[0],
    reason: expect.stringContaining("failed"),
  });
  await expect(failing).rejects.toBeInstanceOf(RemoteError);
});
