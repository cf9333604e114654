import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { listsBetween, listsOf } from "../../client/submit/argument-lists.ts";
import { zipShortest } from "../../client/views/sequences.ts";

describe("the argument lists of a map", () => {
  it("the lists of one sequence are made on demand, and take less than 20 bytes an item", () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const items = Array.from({ length: 100_000 }, (_, at) => at);
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const lists = zipShortest([items]);
    collectGarbage();
    expect((process.memoryUsage().heapUsed - before) / items.length).toBeLessThan(20);
    expect([lists.length, lists.of(99_999)]).toEqual([100_000, [99_999]]);
  });

  it("later changes of the caller's sequence change no argument", () => {
    const items = [1, 2];
    const lists = zipShortest([items]);
    items[0] = 9;
    expect(lists.of(0)).toEqual([1]);
  });

  it("a part of the lists has those of its own items", () => {
    const lists = listsOf([[1], [2], [3]]);
    expect(listsBetween(lists, 1, 3)).toEqual([[2], [3]]);
    expect(listsBetween(zipShortest([[1, 2, 3], "ab"]), 0, 2)).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
  });
});
