import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LeaseRange } from "../../lambdas/core/lease.ts";
import { entrySource, requeuedName, requeuedTasks } from "../../lambdas/core/queue-entry.ts";

const run = (from: number, to: number, attempt = 1): LeaseRange => ({ from, to, attempt });

describe("the work that a queue entry names", () => {
  test.each<[string, Parameters<typeof entrySource>[0], string]>([
    ["is the job's cursor", {}, "~"],
    [
      "is named by the first index and the hop of requeued tasks",
      { requeued: { ranges: [run(7, 9)], hop: 3 } },
      "r7.3",
    ],
    [
      "is named by the lowest index, whatever the order of the ranges",
      { requeued: { ranges: [run(30, 31), run(7, 9)], hop: 0 } },
      "r7.0",
    ],
  ])("the source of a queue entry %s", (_, entry, source) => {
    expect(entrySource(entry)).toBe(source);
  });

  test("a queue entry of requeued tasks sorts before the job's new tasks", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (from, hop) => {
        expect(entrySource({ requeued: { ranges: [run(from, from + 1)], hop } }) < entrySource({})).toBe(true);
      }),
    );
  });

  test("the names of queue entries differ by index and by hop", () => {
    const names = [0, 1, 11].flatMap((from) => [0, 1, 11].map((hop) => requeuedName({ ranges: [run(from, 99)], hop })));
    expect(new Set(names).size).toBe(9);
  });

  test("a queue entry counts its tasks over all of its ranges", () => {
    expect(requeuedTasks({ ranges: [run(7, 9), run(30, 31, 2)] })).toBe(3);
  });
});
