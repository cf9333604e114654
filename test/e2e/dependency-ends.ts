import { expect, test } from "vitest";
import { Dependency } from "../../client/index.ts";
import type { TestCluster } from "./a-cluster.ts";
import { ended } from "./ended.ts";

/** A row of the truth table: the dependency, how the parents end, and how the dependent task ends. */
export type DependencyEnd = readonly [
  name: string,
  options: { all: boolean; success?: boolean; failure?: boolean },
  parents: readonly ("ok" | "bad")[],
  expected: string,
];

/** Tests how tasks with a Dependency end. */
export function dependencyEnds(cluster: TestCluster, rows: readonly DependencyEnd[]): void {
  const view = () => cluster.client.loadBalancedView();
  const square = (x: number) => x * x;
  const fail = (text: string): number => {
    throw new RangeError(text);
  };

  test.each(rows)("a task with a Dependency on %s ends as %s", async (_, options, parents, expected) => {
    const results = parents.map((end) => (end === "ok" ? view().apply(square, 2) : view().apply(fail, "told to")));
    const task = view()
      .withFlags({ after: new Dependency(results, options) })
      .apply(square, 5);
    expect(await ended(task)).toBe(expected);
    await Promise.all(results.map(ended));
  });
}
