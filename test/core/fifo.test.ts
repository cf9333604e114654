import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fifo } from "../../lambdas/core/placing/fifo.ts";

describe("a first-in, first-out queue", () => {
  test("the queue returns its items in order, then undefined, and accepts more afterwards", () => {
    const queue = new Fifo(["a", "b"]);
    queue.push("c");
    expect([queue.length, queue.shift(), queue.shift(), queue.shift(), queue.shift()]).toEqual([
      3,
      "a",
      "b",
      "c",
      undefined,
    ]);
    queue.push("d");
    expect([queue.length, queue.shift(), queue.length]).toEqual([1, "d", 0]);
  });

  test("the queue behaves like a plain list, whatever the order of pushes and shifts and however many items were removed", () => {
    // Push blocks, so that some runs exceed the 1,024 items at which the queue drops removed ones.
    const step = fc.record({ push: fc.nat(1500), shift: fc.nat(1500) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const queue = new Fifo<number>();
        const list: number[] = [];
        let next = 0;
        for (const { push, shift } of steps) {
          for (let i = 0; i < push; i++, next++) {
            queue.push(next);
            list.push(next);
          }
          const given = Array.from({ length: shift }, () => queue.shift());
          const expected = Array.from({ length: shift }, () => list.shift());
          expect(given).toEqual(expected);
          expect(queue.length).toBe(list.length);
        }
      }),
      { numRuns: 40 },
    );
  });
});
