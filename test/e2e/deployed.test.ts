import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  Client,
  CodeShippingOff,
  depend,
  deployed,
  Reference,
  RemoteError,
  requires,
  UnknownFunction,
} from "../../client/index.ts";
import { aUnit } from "../engine/an-engine.ts";
import { TestCluster } from "./a-cluster.ts";
import { Point } from "./shapes.ts";

const cluster = new TestCluster({
  pools: [
    { name: "plain", count: 2 },
    { name: "rich", count: 1, environment: { DEVICE: "gpu" } },
  ],
  functions: fileURLToPath(new URL("deployed-module.ts", import.meta.url)),
  codeShipping: false,
});
const view = (flags = {}) => cluster.client.loadBalancedView(flags);
const RICH = 2;

const { area, areas, count, engine, fail, fibonacci, hasDevice, move, onDevice, smuggle } =
  deployed<typeof import("./deployed-module.ts")>();

describe("a deployed function", () => {
  test("a deployed function runs by its name in every kind of call", async () => {
    expect(await view().apply(area, 2, 3)).toBe(6);
    expect(await view().map(area, [1, 2, 3], [4, 5, 6])).toEqual([4, 10, 18]);
    expect(await view({ chunkSize: 2 }).map(area, [1, 2, 3], [4, 5, 6])).toEqual([4, 10, 18]);
    expect(await view().remote(area)(3, 3)).toBe(9);
    const pieces = view({ chunkSize: 2 }).parallel(areas);
    expect(
      await pieces([
        [1, 1],
        [2, 2],
        [3, 3],
      ]),
    ).toEqual([1, 4, 9]);
    const lazily: number[] = [];
    for await (const one of view().imap(area, [1, 2], [2, 2])) lazily.push(one);
    expect(lazily).toEqual([2, 4]);
    expect(await view().executor().submit(area, 1, 7)).toBe(7);
    expect(await cluster.client.directView([0, 1]).apply(area, 2, 2)).toEqual([4, 4]);
  });

  test("a deployed function takes the results of others, and can be resubmitted", async () => {
    const six = view().apply(area, 2, 3);
    const result = view().apply(area, six, 2);
    expect(await result).toBe(12);
    expect(await cluster.client.resubmit(result.taskIds[0] ?? "")).toBe(12);
  });

  test("a deployed function is found by one name, with the given type", async () => {
    const one = deployed<typeof area>("area");
    expect(await view().apply(one, 5, 5)).toBe(25);
    expect(one.name).toBe("area");
  });

  test("a deployed function fails with its own error and stack", async () => {
    const error: unknown = await view()
      .apply(fail, "disk")
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ ename: "RangeError", evalue: "no disk" });
    const lines = readFileSync(new URL("deployed-module.ts", import.meta.url), "utf8").split("\n");
    const line = lines.findIndex((text) => text.includes("throw new RangeError")) + 1;
    const column = (lines[line - 1]?.indexOf("new RangeError") ?? 0) + 1;
    const own = `    at fail (test/e2e/deployed-module.ts:${line}:${column})`;
    expect((error as RemoteError).traceback).toBe(`RangeError: no disk\n${own}`);
  });

  test("a deployed function shares its module with the tasks of its engine's thread", async () => {
    const counts = await view({ targets: [0] }).map(count, [1, 2, 3]);
    expect(new Set(counts).size).toBe(3);
  });

  test("a deployed function takes and returns instances of classes that are registered on both sides", async () => {
    const moved = await view().apply(move, new Point(1, 2), 10);
    expect(moved).toBeInstanceOf(Point);
    expect(moved).toEqual(new Point(11, 12));
    expect(await view().apply(move, view().apply(move, moved, 1), 1)).toEqual(new Point(13, 14));
  });

  test("a deployed function submits itself and others from inside a task", async () => {
    expect(await view().apply(fibonacci, 3)).toBe(2);
  }, 30_000);

  test("a deployed function runs where a deployed predicate allows it, given here or in its module", async () => {
    expect(await view().apply(depend(hasDevice, "gpu")(engine))).toBe(RICH);
    expect(await view().map(onDevice, [1, 2, 3, 4])).toEqual([1, 2, 3, 4].map((x) => [x, RICH]));
    expect(await view().apply(requires("node:zlib")(area), 2, 4)).toBe(8);
  });

  test("a deployed function may be pushed, and cannot be called here", async () => {
    await cluster.client.directView([0]).push({ shape: area, side: 4 });
    expect(await view({ targets: [0] }).apply(area, new Reference<number>("side"), 2)).toBe(8);
    expect(() => area(1, 2)).toThrow(/area is a deployed function/);
  });

  test("an unknown name is refused at the call, with similar names", () => {
    const { are } = deployed<{ are: () => number }>();
    expect(() => view().apply(are)).toThrow(UnknownFunction);
    expect(() => view().apply(are)).toThrow(/no function "are" was deployed; did you mean area or areas\?/);
    expect(() => view().map(deployed<(x: number) => number>("nothing_like_it"), [1])).toThrow(
      /deployed functions: area, areas/,
    );
  });

  test("an export that is not a function fails with UnknownFunction", async () => {
    const { limit } = deployed<{ limit: () => number }>();
    await expect(view().apply(limit)).rejects.toMatchObject({ ename: "UnknownFunction" });
  });
});

describe("a function that is not deployed", () => {
  const plain = (x: number) => x + 1;

  test.each([
    ["apply", () => view().apply(plain, 1)],
    ["map", () => view().map(plain, [1])],
    ["an empty map", () => view().map(plain, [])],
    ["imap", () => view().imap(plain, [1])],
    ["a direct view's apply", () => cluster.client.directView().apply(plain, 1)],
    ["push", () => cluster.client.directView().push({ plain })],
    ["a predicate", () => view().apply(depend(() => true)(area), 1, 2)],
    ["a pushed function's call", () => view().apply(new Reference<typeof plain>("shape"), 1)],
  ])("a function that is not deployed is refused by %s before anything is sent", async (_, call) => {
    await cluster.cloud.resetMeter();
    let thrown: unknown;
    try {
      await call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CodeShippingOff);
    expect((thrown as Error).message).toMatch(/only runs deployed functions .*pass deployed\(/);
    const { traffic } = await cluster.cloud.meter();
    expect([traffic.lambda.client, traffic.s3.client]).toEqual([undefined, undefined]);
  });

  test("a function with the name of a deployed one is refused, with the advice to pass the deployed one", () => {
    const own = { area: (w: number, h: number) => w + h };
    expect(() => view().apply(own.area, 1, 2)).toThrow(
      /pass deployed\("area"\) instead, which was deployed under that name/,
    );
  });

  test("a function that is not deployed is refused inside a task too, before it is sent", async () => {
    expect(await view().apply(smuggle)).toMatchObject(["CodeShippingOff", expect.stringMatching(/cannot be sent/)]);
  });

  test("a function that is not deployed is refused by the scheduler when a message bypasses the client", async () => {
    const answer = await cluster.ask({ type: "submit", units: [aUnit(() => 1)], jobs: [] });
    expect(answer).toMatchObject({ type: "error", code: "CodeShippingOff" });
  });
});

test("a client of another process can call the functions too", async () => {
  const client = await Client.connect(cluster.client.connection);
  try {
    expect(await client.loadBalancedView().apply(area, 2, 2)).toBe(4);
    expect(() => client.loadBalancedView().apply(deployed<() => void>("aera"))).toThrow(/did you mean area/);
  } finally {
    await client.close();
  }
});
