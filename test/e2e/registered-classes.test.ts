import { describe, expect, test } from "vitest";
import { CaptureError, Client, CodecError, Reference, RemoteError, registerClass } from "../../client/index.ts";
import { task } from "../../client/task.ts";
import { TestCluster } from "./a-cluster.ts";
import { Money, NoDisk, Point, Shape } from "./shapes.ts";

const cluster = new TestCluster({ pools: [{ name: "default", count: 2 }] });
const view = (flags = {}) => cluster.client.loadBalancedView(flags);

describe("instances of registered classes", () => {
  test("instances of registered classes are arguments of functions that never name the class", async () => {
    expect(await view().apply((point: { norm(): number }) => point.norm(), new Point(3, 4))).toBe(5);
    expect(
      await view({ chunkSize: 2 }).map(
        (p: { norm(): number }) => p.norm(),
        [new Point(3, 4), new Point(6, 8), new Point(0, 1)],
      ),
    ).toEqual([5, 10, 1]);
  });

  test("instances of registered classes are results, of the class that this process has", async () => {
    const point = await view().apply((x: number) => new Point(x, 1), 2);
    expect(point).toBeInstanceOf(Point);
    expect(point.plus(point)).toEqual(new Point(4, 2));
    const moved = await view().apply((p: Point) => p.plus(p), point);
    expect(moved).toBeInstanceOf(Point);
    const [first] = await view().map((cents: bigint) => new Money(cents), [4n]);
    expect(first?.twice().cents).toBe(8n);
  });

  test("instances of registered classes are captured, with the class that the function names", async () => {
    const origin = new Point(1, 2);
    const known = { shapes: new Map([["a", new Shape("a").add(new Shape("b"))]]), wage: new Money(3n) };
    const seen = await view().apply((p: Point) => {
      const shape = known.shapes.get("a");
      return [
        p instanceof Point,
        origin instanceof Point,
        shape instanceof Shape,
        shape?.parts[0]?.parent === shape,
        known.wage.twice().cents,
      ];
    }, origin);
    expect(seen).toEqual([true, true, true, true, 6n]);
  });

  test("instances of registered classes are passed from one task to another, which names none of them", async () => {
    const shape = view().apply(() => new Shape("s").add(new Shape("t")));
    expect(await view().apply((s: { parts: { name: string }[] }) => s.parts[0]?.name, shape as never)).toBe("t");
    await cluster.client.directView().push({ corner: new Point(5, 12) });
    expect(await view().apply((p: Point) => [p.norm(), p instanceof Point], new Reference<Point>("corner"))).toEqual([
      13,
      true,
    ]);
    expect(await cluster.client.directView(0).pull("corner")).toBeInstanceOf(Point);
  });

  test("instances of registered classes can be passed to tasks of a task and returned by them", async () => {
    const total = await view().apply(async (p: Point) => {
      const far = new Point(10, 0);
      const doubled = await task().view.apply((q: Point) => [q.plus(far), q instanceof Point], p);
      return [doubled, (doubled[0] as Point) instanceof Point];
    }, new Point(1, 1));
    expect(total).toEqual([[new Point(11, 1), true], true]);
    expect((total[0] as unknown[])[0]).toBeInstanceOf(Point);
  });

  test("instances of registered classes can be thrown by a task", async () => {
    const error: unknown = await view()
      .apply(() => {
        throw new NoDisk("c");
      })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RemoteError);
    expect((error as RemoteError).thrown).toBeInstanceOf(NoDisk);
    expect((error as RemoteError).thrown).toMatchObject({ disk: "c", message: "no disk c" });
  });

  test("instances of registered classes are read by any process that has registered the class", async () => {
    const result = view().apply(() => new Point(7, 7));
    await result.wait();
    const other = await Client.connect(cluster.client.connection);
    try {
      expect(await other.getResult(result.taskIds[0] ?? "")).toBeInstanceOf(Point);
    } finally {
      await other.close();
    }
  });

  test("a process without the class refuses its instances, and reads others", async () => {
    const known = (globalThis as unknown as Record<symbol, { byName: Map<string, unknown> }>)[
      Symbol.for("fantail.classes")
    ];
    const point = known?.byName.get("Point");
    const results = view().map((x: number) => (x > 0 ? new Point(x, x) : x), [0, 1]);
    await results.wait();
    known?.byName.delete("Point");
    try {
      const read = await cluster.client.getResult(results.taskIds).get({ returnExceptions: true });
      expect(read[0]).toBe(0);
      expect(read[1]).toBeInstanceOf(CodecError);
      expect((read[1] as CodecError).message).toMatch(/class Point, which is not registered here: call registerClass/);
    } finally {
      known?.byName.set("Point", point);
    }
  });

  test("a class may be registered after instances of other classes were sent", async () => {
    class Late {
      at = 3;
      same(other: unknown): boolean {
        return other instanceof Late;
      }
    }
    registerClass(Late);
    const back = await view().apply(
      (late: Late, point: Point) => [late.same(late), point.norm(), new Late()],
      new Late(),
      new Point(0, 2),
    );
    expect(back).toEqual([true, 2, new Late()]);
    expect(back[2]).toBeInstanceOf(Late);
  });
});

describe("an instance of a class that is not registered", () => {
  class Stray {
    at = 1;
  }

  test("an instance of a class that is not registered is refused at the call with the remedy, as an argument and as a captured value", () => {
    const stray = new Stray();
    expect(() => view().apply((one: Stray) => one.at, stray)).toThrow(CodecError);
    expect(() => view().apply((one: Stray) => one.at, stray)).toThrow(/registerClass\(Stray\)/);
    expect(() => view().apply(() => stray.at)).toThrow(CaptureError);
    expect(() => view().apply(() => stray.at)).toThrow(/registerClass\(Stray\)/);
  });

  test("an instance of a class that is not registered is refused as a result", async () => {
    const error: unknown = await view()
      .apply(() => new Stray())
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CodecError);
    expect((error as CodecError).message).toMatch(/^result: .*registerClass\(Stray\)/);
  });
});
