import { describe, expect, test } from "vitest";
import { ImpossibleDependency } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";
import { Gate, opened } from "./gate.ts";

const cluster = new TestCluster();
const view = () => cluster.client.loadBalancedView();
const square = (x: number) => x * x;

describe("results inside arguments mean their values", () => {
  test("results inside arguments may be in arrays, objects, Maps and cycles, of several tasks, once each", async () => {
    const [one, two] = [view().apply(square, 1), view().apply((x: number) => ({ x }), 2)];
    const list = view().map(square, [3, 4]);
    const cyclic: { one: unknown; self?: unknown } = { one };
    cyclic.self = cyclic;
    const task = view().apply(
      (...args: unknown[]) => {
        const [given, map, held, alone] = args as [
          { a: number; deep: { x: number }[]; list: number[] },
          Map<string, { x: number }>,
          { one: number; self: unknown },
          { x: number },
        ];
        const isSame = given.deep[0] === given.deep[1];
        return [given.a, isSame, given.list, map.get("k"), held.one, held.self === held, alone === map.get("k")];
      },
      { a: one, deep: [two, two], list },
      new Map([["k", two]]),
      cyclic,
      two,
    );
    expect(await task).toEqual([1, true, [9, 16], { x: 2 }, 1, true, true]);
  });

  test("results inside arguments may be large, and beside values that are sent as blobs", async () => {
    const large = view().apply((n: number) => new Uint8Array(n).fill(7), 50_000);
    const fill = "x".repeat(20_000);
    const task = view().apply((o: { large: Uint8Array; fill: string }) => [o.large.length, o.large[9], o.fill.length], {
      large,
      fill,
    });
    expect(await task).toEqual([50_000, 7, 20_000]);
  });

  test("results inside arguments work in maps, chunked or not, and in remote, parallel, executor, imap and direct views", async () => {
    const one = view().apply(square, 3);
    const items = [{ x: one }, { x: 4 }];
    const read = (item: { x: number }) => item.x;
    expect(await view().map(read, items)).toEqual([9, 4]);
    expect(await view().withFlags({ chunkSize: 2 }).map(read, items)).toEqual([9, 4]);
    expect(await view().remote(read)({ x: one })).toBe(9);
    expect(await view().executor().submit(read, { x: one })).toBe(9);
    expect(await view().parallel((list: { x: number }[]) => list.map(({ x }) => x))(items)).toEqual([9, 4]);
    const given: number[] = [];
    for await (const value of view().imap(read, items)) given.push(value);
    expect(given).toEqual([9, 4]);
    expect(await cluster.client.directView().apply(read, { x: one })).toEqual([9, 9]);
  });

  test("a task with a failed task's result inside an argument is impossible", async () => {
    const broken = view().apply((): number => {
      throw new Error("no disk");
    });
    const task = view().apply((o: { x: number }) => o.x, { x: broken });
    await expect(task).rejects.toBeInstanceOf(ImpossibleDependency);
    await expect(broken).rejects.toThrow("no disk");
  });
});

describe("a map over the result of a map", () => {
  test("a map over the result of a map returns the same as a map over the values, in chains, chunks and halves", async () => {
    const first = view().map(square, [1, 2, 3, 4, 5]);
    expect(await view().map((x) => x + 1, first)).toEqual([2, 5, 10, 17, 26]);
    expect(await view().map((x: number, y: number) => x + y, first, view().map(square, first))).toEqual([
      2, 20, 90, 272, 650,
    ]);
    const chunked = view().withFlags({ chunkSize: 2 }).map(square, [1, 2, 3, 4, 5]);
    expect(await view().map((x) => x + 1, chunked)).toEqual([2, 5, 10, 17, 26]);
    expect(await cluster.client.directView().map((x) => -x, chunked)).toEqual([-1, -4, -9, -16, -25]);
    const other = cluster.client.getResult<number[]>(first.jobId);
    await other.info();
    expect(await view().map((x) => -x, other)).toEqual([-1, -4, -9, -16, -25]);
  });

  test("a map over the result of a map starts each task once its own item is ready, not when all are", async () => {
    const gate = new Gate();
    const first = view().map(
      async (path: string) => {
        if (path !== "") await opened(path);
        return 1;
      },
      ["", gate.path],
    );
    const second = view().map((x) => x + 1, first);
    expect(await second[Symbol.asyncIterator]().next()).toEqual({ done: false, value: 2 });
    expect(await first.ready()).toBe(false);
    gate.open();
    expect(await second).toEqual([2, 2]);
  });
});
