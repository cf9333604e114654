import { describe, expect, test } from "vitest";
import { type Drawable, drawnPlacement } from "../../lambdas/core/placing/drawn-placement.ts";

const engines = (...loads: number[]) => loads.map((load, id) => ({ id, load }));
const always = (at: number) => () => at;

describe("a placement that draws", () => {
  test("a placement that draws adds the tasks to the drawn engine's load", () => {
    const placement = drawnPlacement(engines(0, 1), 5, always(1));
    expect(placement.place(3)).toEqual({ id: 1, load: 4 });
    expect(placement.hasRoom()).toBe(true);
  });

  test("a placement that draws no longer offers a full engine, and keeps the other engines", () => {
    const seen: number[] = [];
    const count = ({ length }: Drawable) => {
      seen.push(length);
      return 0;
    };
    const placement = drawnPlacement(engines(0, 0, 0), 2, count);
    const placed = [1, 1, 2, 9].map((tasks) => placement.place(tasks)?.id);
    expect(placed).toEqual([0, 0, 2, 1]);
    expect(seen).toEqual([3, 3, 2, 1]);
    expect(placement.hasRoom()).toBe(false);
    expect(placement.place(1)).toBeUndefined();
  });

  test("a placement that draws can remove the last engine of the list like any other", () => {
    const placement = drawnPlacement(engines(0, 0), 1, ({ length }) => length - 1);
    expect([placement.place(1)?.id, placement.place(1)?.id, placement.hasRoom()]).toEqual([1, 0, false]);
  });

  test("a placement without engines has no room and draws nothing", () => {
    const placement = drawnPlacement([], 1, () => expect.fail("there is nothing to draw from"));
    expect([placement.hasRoom(), placement.place(1)]).toEqual([false, undefined]);
  });

  test("the engines can be listed by last assignment, wherever they are in the internal list", () => {
    const orders: number[][] = [];
    const turns = [1, 0, 1, 2];
    const placement = drawnPlacement(engines(0, 0, 0), Number.POSITIVE_INFINITY, (drawable) => {
      const list = Array.from({ length: drawable.length }, (_, at) => at);
      orders.push(list.toSorted((a, b) => drawable.assigned(a) - drawable.assigned(b)));
      return turns[orders.length - 1] ?? 0;
    });
    for (const _ of turns) placement.place(1);
    expect(orders).toEqual([
      [0, 1, 2],
      [0, 2, 1],
      [2, 1, 0],
      [2, 0, 1],
    ]);
  });
});
