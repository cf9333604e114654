import { expect, test } from "vitest";
import { Dependency, ImpossibleDependency, InvalidDependency } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster();
const view = () => cluster.client.loadBalancedView();

test("a result as an argument is replaced by its value: of an apply, a map, a chunked map, and single items", async () => {
  const sum = view().apply((x: number) => x + 1, 1);
  const product = view().apply((x: number, y: number) => x * y, sum, 10);
  expect(await product).toBe(20);
  const squares = view().map((x: number) => x * x, [1, 2, 3]);
  expect(await view().apply((xs: number[]) => xs.join(), squares)).toBe("1,4,9");
  const chunked = view()
    .withFlags({ chunkSize: 2 })
    .map((x: number) => x, [1, 2, 3, 4, 5]);
  expect(await view().apply((xs: number[]) => xs.length, chunked)).toBe(5);
  expect(await view().map((x: number) => x + 100, [sum, product])).toEqual([102, 120]);
  const joined = view().parallel({ chunkSize: 2 })((xs: number[]) => xs.map((x) => -x))([1, 2, 3]);
  expect(await view().apply((xs: number[]) => xs, joined)).toEqual([-1, -2, -3]);
  const large = view().apply(() => "x".repeat(50_000));
  expect(await view().apply((text: string) => text.length, large)).toBe(50_000);
  const known = cluster.client.getResult<number[]>(squares.jobId);
  expect(await view().apply((xs: number[]) => xs.length, known)).toBe(3);
});

test("a task whose argument failed cannot run, and its error names the argument's task", async () => {
  const failing = view().apply(() => {
    throw new RangeError("no");
  });
  const child = view().apply((x: number) => x, failing);
  const grandchild = view()
    .withFlags({ after: child })
    .apply(() => 1);
  const error = await child.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ImpossibleDependency);
  expect(error).toMatchObject({ dependency: failing.jobId, reason: "failed" });
  await expect(grandchild).rejects.toMatchObject({ dependency: child.jobId, reason: "could not run itself" });
  const anyway = new Dependency([failing, child], { success: false, failure: true });
  expect(
    await view()
      .withFlags({ after: anyway })
      .apply(() => "ran"),
  ).toBe("ran");
});

test("a task can depend on task ids, job ids, results of other processes and mixed lists", async () => {
  const map = view().map((x: number) => x, [1, 2, 3]);
  const lone = view().apply(() => 1);
  await lone;
  for (const after of [lone.jobId, map.jobId, [map.taskIds[1] ?? "", lone], cluster.client.getResult(map.jobId)])
    expect(
      await view()
        .withFlags({ after })
        .apply(() => "ran"),
    ).toBe("ran");
});

test("a dependency on unknown tasks is impossible, and other tasks are unaffected", async () => {
  const unknown = `${"0".repeat(26)}.0`;
  const innocent = view().apply(() => "fine");
  const strange = view()
    .withFlags({ after: unknown })
    .apply(() => 1);
  await expect(strange).rejects.toBeInstanceOf(InvalidDependency);
  const past = view()
    .withFlags({ follow: `${innocent.jobId.split(".")[0]}.77` })
    .apply(() => 1);
  await expect(past).rejects.toThrow(/has no task 77/);
  expect(await innocent).toBe("fine");
});

test("a task with `follow` runs on its parent's engine", async () => {
  const parents = Array.from({ length: 4 }, () => view().apply(() => 1));
  await Promise.all(parents);
  for (const parent of parents) {
    const child = view()
      .withFlags({ follow: parent })
      .apply(() => 2);
    expect(await child).toBe(2);
    expect((await child.metadata()).engineId).toBe((await parent.metadata()).engineId);
  }
});

test("a chain starts each task when the one before it has ended", async () => {
  const chain = [view().apply(() => 0)];
  for (let at = 1; at < 60; at++) {
    const last = chain.at(-1);
    if (last)
      chain.push(
        view()
          .withFlags({ after: last })
          .apply(() => 0),
      );
  }
  await chain.at(-1);
  const times = await Promise.all(chain.map((task) => task.metadata()));
  for (const [at, { started }] of times.entries())
    if (at > 0) expect(Number(started)).toBeGreaterThanOrEqual(Number(times[at - 1]?.completed));
});
