import { ulid } from "ulid";
import { describe, expect, test } from "vitest";
import { depend, ImpossibleDependency, RemoteError, requires, UnmetDependency } from "../../client/index.ts";
import { task } from "../../client/task.ts";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster({
  pools: [
    { name: "plain", count: 2 },
    // From this project's own folder, since a registry may be unavailable.
    { name: "rich", count: 1, modules: ["file:node_modules/ulid"], environment: { DEVICE: "gpu" } },
  ],
});
const view = (flags = {}) => cluster.client.loadBalancedView(flags);
const RICH = 2;

const makeId = requires("ulid")((time: number) => [ulid(time).slice(0, 10), task().engineId]);

describe("a required module", () => {
  test("a function with a required module runs on an engine that has it, in an apply, in maps, and captured", async () => {
    const wanted = (time: number) => [`000000000${time}`, RICH];
    expect(await view().apply(makeId, 1)).toEqual(wanted(1));
    expect(await view().map(makeId, [1, 2, 3])).toEqual([1, 2, 3].map(wanted));
    expect(await view({ chunkSize: 2 }).map(makeId, [1, 2, 3])).toEqual([1, 2, 3].map(wanted));
    expect(await view().remote(makeId)(4)).toEqual(wanted(4));
    expect(await view().apply((time: number) => makeId(time)[1], 1)).toBe(RICH);
    const all = view({ chunkSize: 2 }).parallel(
      requires("ulid")((times: number[]) => times.map((t) => ulid(t).length)),
    );
    expect(await all([1, 2, 3])).toEqual([26, 26, 26]);
  });

  test("a task whose required module no engine has is impossible, with the reason", async () => {
    const error: unknown = await view()
      .apply(requires("@nobody/left-pad")(() => 1))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ImpossibleDependency);
    expect((error as ImpossibleDependency).message).toMatch(
      /no engine can run it: pools \w+ and \w+ lack module @nobody\/left-pad\. Install it there with `engines\[\]\.modules`/,
    );
  });
});

describe("a predicate", () => {
  const hasDevice = (name: string) => process.env.DEVICE === name;

  test("a predicate sends its task to an engine on which it is not false, without using up a retry", async () => {
    const where = depend(hasDevice, "gpu")(() => task().engineId);
    expect(await view().apply(where)).toBe(RICH);
    expect(
      await view({ chunkSize: 3 }).map(
        depend(hasDevice, "gpu")((x: number) => x * 2),
        [1, 2, 3, 4],
      ),
    ).toEqual([2, 4, 6, 8]);
  });

  test("a task whose predicate is false on every engine is impossible, also with targets", async () => {
    const nowhere = depend(hasDevice, "tpu")(() => 1);
    const refused = view().apply(nowhere);
    await expect(refused).rejects.toBeInstanceOf(ImpossibleDependency);
    await expect(refused).rejects.toThrow(/no engine can run it: engines [\d,-]+ refused it/);
    const { refusedBy, attempts, engineId } = await refused.metadata();
    expect(refusedBy.toSorted()).toEqual((await cluster.status()).engines.map(({ id }) => id));
    expect({ attempts, engineId }).toEqual({ attempts: [], engineId: undefined });
    await expect(view({ targets: [0] }).apply(depend(hasDevice, "gpu")(() => 1))).rejects.toBeInstanceOf(
      ImpossibleDependency,
    );
  });

  test("if a predicate throws, each item of the chunk fails with its error", async () => {
    const broken = () => {
      throw new RangeError("no such device");
    };
    const error: unknown = await view({ chunkSize: 2 })
      .map(
        depend(broken)((x: number) => x),
        [1, 2],
      )
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ indexes: [0, 1], errors: [{ ename: "RangeError" }, { ename: "RangeError" }] });
    await expect(view().apply(depend(broken)(() => 1))).rejects.toBeInstanceOf(RemoteError);
  });
});

describe("a function that a task submits on", () => {
  const hasDevice = (name: string) => process.env.DEVICE === name;
  const onDevice = depend(hasDevice, "gpu")((x: number) => [x, task().engineId]);
  const sizeOf = requires("ulid", "node:zlib")((text: string) => [text.length, task().engineId]);

  test("a function that a task submits keeps its requirements and predicates, for children and their children", async () => {
    const parent = async () => {
      const { view } = task();
      const child = async (x: number) => (await task().view.map(onDevice, [x, x + 1])).flat();
      return Promise.all([
        view.map(makeId, [1, 2, 3, 4]),
        view.map(onDevice, [1, 2, 3, 4]),
        view.map(sizeOf, ["a", "bb"]),
        view.apply(child, 7),
      ]);
    };
    const [ids, devices, sizes, deep] = await view().apply(parent);
    expect(ids).toEqual([1, 2, 3, 4].map((time) => [`000000000${time}`, RICH]));
    expect(devices).toEqual([1, 2, 3, 4].map((x) => [x, RICH]));
    expect(sizes).toEqual([
      [1, RICH],
      [2, RICH],
    ]);
    expect(deep).toEqual([7, RICH, 8, RICH]);
  }, 60_000);

  test("a child without a predicate runs anywhere, although its parent has one", async () => {
    const parent = depend(
      hasDevice,
      "gpu",
    )(async () => {
      const where = await task()
        .view.withFlags({ targets: [0] })
        .apply(() => task().engineId);
      return [task().engineId, where];
    });
    expect(await view().apply(parent)).toEqual([RICH, 0]);
  }, 60_000);
});

describe("an UnmetDependency thrown by hand", () => {
  test("an UnmetDependency thrown by the function sends the task to other engines until one takes it", async () => {
    const picky = async (x: number) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (task().engineId !== 1) throw new UnmetDependency();
      return [x, task().engineId];
    };
    expect(await view().map(picky, [1, 2, 3])).toEqual([1, 2, 3].map((x) => [x, 1]));
  });
});

describe("a task that submits tasks", () => {
  test("a task may require modules for the tasks that it submits", async () => {
    const parent = async () => {
      const child = requires("ulid")((x: number) => [x, task().engineId]);
      return task().view.apply(child, 1);
    };
    expect(await view({ targets: [0] }).apply(parent)).toEqual([1, RICH]);
  });
});
