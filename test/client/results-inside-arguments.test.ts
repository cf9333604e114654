import { describe, expect, it } from "vitest";
import { AsyncResult } from "../../client/results/async-result.ts";
import { CodecError } from "../../lambdas/protocol/errors.ts";
import { resultsIn } from "../../lambdas/protocol/spec-page.ts";
import { aClient, type TestClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const take = (...args: unknown[]) => args.length;

/** Returns the submitted jobs of a client: the arguments of each task, and what it waits for. */
async function submitted({ cloud }: TestClient) {
  await settle();
  return cloud.sent("submit").flatMap(({ jobs }) =>
    jobs.map(({ header, pages, waits = [] }) => ({
      id: header.id,
      chunked: header.chunked,
      takes: pages.flatMap(([, { tasks }]) => tasks.map(([, args]) => resultsIn(args))),
      waits: waits.map(({ from, to, after, takes }) => ({ from, to, on: after.flatMap(({ on }) => on), takes })),
    })),
  );
}

describe("a result inside an argument", () => {
  it.each<[string, (one: AsyncResult<number>) => unknown]>([
    ["in an array", (one) => [1, one]],
    ["in an object", (one) => ({ x: one })],
    ["deep inside objects and arrays", (one) => [{ a: [{ b: one }] }]],
    ["in a Map and a Set", (one) => new Map([["k", new Set([one])]])],
    ["in an object without prototype", (one) => Object.assign(Object.create(null), { one })],
    [
      "in a cyclic array",
      (one) => {
        const cyclic: unknown[] = [one];
        cyclic.push(cyclic);
        return cyclic;
      },
    ],
    ["in a field of an array", (one) => Object.assign([1], { total: one })],
  ])("a result %s is awaited and replaced by its value", async (_, make) => {
    const client = aClient();
    const one = client.view.apply(() => 1);
    await settle();
    client.view.apply(take, make(one), 2);
    const [parent, child] = await submitted(client);
    const on = [[parent?.id, 0, 1]];
    expect(child).toMatchObject({
      takes: [[{ result: on, list: false }]],
      waits: [{ from: 0, to: 1, on, takes: true }],
    });
  });

  it("each result inside an argument is sent once, however often the argument contains it", async () => {
    const client = aClient();
    const [a, b] = [client.view.apply(() => 1), client.view.apply(() => 2)];
    await settle();
    client.view.apply(take, { a, again: [a], b });
    const [parent, child] = await submitted(client);
    expect(child?.takes).toEqual([[1, 2].map((past) => ({ result: [[parent?.id, past - 1, past]], list: false }))]);
  });

  it("a chunked map gives an item that contains a result a task of its own", async () => {
    const client = aClient({ chunkSize: 2 });
    const one = client.view.apply(() => 1);
    await settle();
    client.view.map(take, [{ x: one }, 2, 3]);
    const [, child] = await submitted(client);
    expect(child).toMatchObject({ chunked: false, takes: [[{}], [], []] });
  });

  it("a native promise inside an argument is refused, and the error names its item", () => {
    const { view } = aClient();
    expect(() => view.apply(take, [Promise.resolve(1)])).toThrow("args[0][0]: is a promise: await it first");
    expect(() => view.map(take, [1, { a: Promise.resolve(1) }])).toThrow("args[0][1].a: is a promise: await it first");
  });

  it("a result of another cluster inside an argument is refused", () => {
    const here = aClient();
    const there = aClient();
    Object.assign(here.cloud, { cluster: "here" });
    Object.assign(there.cloud, { cluster: "there" });
    const foreign = there.view.apply(() => 1);
    for (const make of [() => here.view.apply(take, foreign), () => here.view.apply(take, { a: [foreign] })])
      expect(make).toThrow(CodecError);
    expect(() => here.view.apply(take, 1, foreign)).toThrow(
      /^args\[1\]: is a result from another cluster.*await it first/,
    );
  });
});

describe("a map over the result of a map", () => {
  it("each task of a map over a map's result waits for its own item", async () => {
    const client = aClient();
    const first = client.view.map(take, ["a", "b", "c"]);
    await settle();
    const second = client.view.map(take, first, [10, 20, 30]);
    expect(second.length).toBe(3);
    const [parent, child] = await submitted(client);
    expect(child?.takes).toEqual([0, 1, 2].map((at) => [{ result: [[parent?.id, at, at + 1]], list: false }]));
    expect(child?.waits).toEqual(
      [0, 1, 2].map((at) => ({ from: at, to: at + 1, on: [[parent?.id, at, at + 1]], takes: true })),
    );
  });

  it("a task that takes an item of a chunked map waits for the chunk", async () => {
    const client = aClient({ chunkSize: 2 });
    const first = client.view.map(take, ["a", "b", "c"]);
    await settle();
    client.view.map(take, first);
    const [parent, child] = await submitted(client);
    expect(child?.takes).toEqual([
      [{ result: [[parent?.id, 0, 1]], list: false, item: 0 }],
      [{ result: [[parent?.id, 0, 1]], list: false, item: 1 }],
      [{ result: [[parent?.id, 1, 2]], list: false, item: 0 }],
    ]);
  });

  it("a map over the result of a map stops at the shortest sequence, and accepts joined results", async () => {
    const client = aClient();
    const first = client.view.map(take, ["a", "b"]);
    await settle();
    const joined = AsyncResult.join(client.view.apply(take), first);
    expect(client.view.map(take, joined).length).toBe(3);
    expect(client.view.map(take, first, [1]).length).toBe(1);
  });

  it("a map over the result of a map is refused while the number of items is unknown", () => {
    const { view } = aClient();
    const pieces = view.parallel((xs: number[]) => xs)([1, 2]);
    const list = view.apply(() => [1, 2]);
    for (const result of [pieces, list])
      expect(() => view.map(take, result)).toThrow(
        /^map: args\[0\] is a result whose number of items is not known yet: await the result first/,
      );
    expect(() => view.parallel((xs: unknown[]) => xs)(list)).toThrow(/^parallel: args\[0\] is a result/);
  });
});

it("an imap takes the items of a map's result without awaiting them", async () => {
  const client = aClient();
  const first = client.view.map(take, ["a", "b"]);
  await settle();
  const results = client.view.imap(take, first);
  void results.next();
  await settle();
  const [parent, ...children] = await submitted(client);
  expect(children.flatMap(({ takes }) => takes)).toEqual(
    [0, 1].map((at) => [{ result: [[parent?.id, at, at + 1]], list: false }]),
  );
});
