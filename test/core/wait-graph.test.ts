import { describe, expect, test } from "vitest";
import { clippedTo, parentBuckets, parentJobs, WaitGraph } from "../../lambdas/core/wait-graph.ts";
import type { DependencyAtRest, ParentRange, WaitGroup } from "../../lambdas/protocol/dependency.ts";

function on(...ranges: ParentRange[]): DependencyAtRest {
  return { on: ranges, all: true, success: true, failure: false };
}

function aGroup(from: number, to: number, after: DependencyAtRest[], follow?: DependencyAtRest): WaitGroup {
  return { from, to, after, ...(follow ? { follow } : {}) };
}

describe("a job's graph", () => {
  const chain = aGroup(1, 3, [on(["", 0, 1])]);
  const wide = aGroup(3, 4, [on(["", 0, 500])]);
  const both = aGroup(4, 5, [on(["", 0, 1]), on(["", 0, 500])], on(["other", 0, 1]));
  const graph = new WaitGraph("J", [both, wide, chain]);

  test("a job's graph finds the group of a task, in whatever order groups were given", () => {
    expect([0, 1, 2, 3, 4, 5].map((index) => graph.groupOf(index))).toEqual([
      undefined,
      chain,
      chain,
      wide,
      both,
      undefined,
    ]);
    expect(graph.groups).toEqual([chain, wide, both]);
  });

  test("a job's graph finds who depends on a task, each once, by a short range or a long one", () => {
    expect(new Set(graph.childrenOf(0))).toEqual(new Set([chain, wide, both]));
    expect(graph.childrenOf(0)).toHaveLength(3);
    expect(new Set(graph.childrenOf(499))).toEqual(new Set([wide, both]));
    expect(graph.childrenOf(500)).toEqual([]);
  });

  test("a job's graph recognizes its own job by an empty id and by its id", () => {
    const named = aGroup(1, 2, [on(["J", 0, 1])]);
    expect(new WaitGraph("J", [named]).childrenOf(0)).toEqual([named]);
    expect(new WaitGraph("K", [named]).childrenOf(0)).toEqual([]);
  });
});

test("a group lists the jobs that it depends on once each, its own by its id", () => {
  const group = aGroup(1, 2, [on(["", 0, 1], ["A", 0, 1])], on(["A", 3, 4]));
  expect(parentJobs(group, "J")).toEqual(["J", "A"]);
});

test.each<[string, ParentRange[], [string, number][]]>([
  ["one bucket", [["A", 0, 1000]], [["A", 0]]],
  [
    "each bucket that a range touches, the last first",
    [["A", 999, 2001]],
    [
      ["A", 2],
      ["A", 1],
      ["A", 0],
    ],
  ],
  [
    "the later of several jobs first",
    [
      ["A", 0, 1],
      ["B", 5, 6],
    ],
    [
      ["B", 0],
      ["A", 0],
    ],
  ],
  ["its own job's bucket under the job's id", [["", 1500, 1501]], [["J", 1]]],
])("a group depends on buckets: %s", (_, ranges, buckets) => {
  expect(parentBuckets(aGroup(0, 1, [on(...ranges)]), "J").map(({ job, bucket }) => [job, bucket])).toEqual(buckets);
});

test.each<[string, ParentRange[], ParentRange[]]>([
  ["a range inside the bucket", [["A", 1100, 1200]], [["A", 1100, 1200]]],
  ["the overlapping part of a longer range", [["A", 0, 5000]], [["A", 1000, 2000]]],
  [
    "empty for tasks of neighbouring buckets",
    [
      ["A", 999, 1000],
      ["A", 2000, 2001],
    ],
    [],
  ],
  [
    "empty for tasks of other jobs",
    [
      ["B", 1100, 1200],
      ["", 1100, 1200],
    ],
    [],
  ],
])("the part of a dependency within a bucket is %s", (_, ranges, clipped) => {
  expect(clippedTo(on(...ranges), "J", "A", 1)).toEqual({ ...on(), on: clipped });
});

test("the part of a dependency within a bucket of the job itself keeps the empty id", () => {
  expect(clippedTo(on(["", 1100, 2100]), "J", "J", 1).on).toEqual([["", 1100, 2000]]);
});
