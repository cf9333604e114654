import { deepStrictEqual } from "node:assert/strict";
import { performance } from "node:perf_hooks";
import type { AsyncResult, LoadBalancedView } from "../client/index.ts";
import type { Bench, WorkloadResult } from "./run-workload.ts";
import { layeredGraph } from "./workloads.ts";

const range = (n: number) => Array.from({ length: n }, (_, index) => index);
const square = (x: number) => x * x;
const slowSquare = (x: number) => new Promise<number>((resolve) => setTimeout(() => resolve(x * x), 5));

/**
 * Submits a graph synchronously, one task per node, and waits for all tasks. Counts the edges whose child started before
 * its parent had ended.
 */
async function graph(
  view: LoadBalancedView,
  parents: readonly (readonly number[])[],
  fn: (x: number) => number | Promise<number>,
): Promise<WorkloadResult> {
  const start = performance.now();
  const tasks: AsyncResult<number>[] = [];
  for (const [node, after] of parents.entries()) {
    const known = after.flatMap((parent) => tasks[parent] ?? []);
    tasks.push((known.length === 0 ? view : view.withFlags({ after: known })).apply(fn, node));
  }
  const submitted = performance.now();
  const results = await Promise.all(tasks);
  const seconds = (performance.now() - start) / 1000;
  deepStrictEqual(results, range(parents.length).map(square));
  return {
    tasks: parents.length,
    figures: [
      { metric: "seconds", value: seconds, unit: "s" },
      { metric: "in_call_seconds", value: (submitted - start) / 1000, unit: "s" },
      { metric: "order_violations", value: await orderViolations(tasks, parents), unit: "edges" },
    ],
  };
}

async function orderViolations(
  tasks: readonly AsyncResult<number>[],
  parents: readonly (readonly number[])[],
): Promise<number> {
  const times = await Promise.all(
    tasks.map(async (task) => {
      const metadata = await task.metadata();
      const { started, completed } = Array.isArray(metadata) ? metadata[0] : metadata;
      if (!started || !completed) throw new Error("the metadata of a successful task has no start or end time");
      return { started: started.getTime(), completed: completed.getTime() };
    }),
  );
  let violations = 0;
  for (const [node, after] of parents.entries())
    for (const parent of after) {
      const [child, before] = [times[node], times[parent]];
      if (!child || !before || child.started < before.completed) violations++;
    }
  return violations;
}

/**
 * Runs a map of no-ops and, optionally, one task before or after the map. The usage figures show the cost of the
 * dependency.
 */
async function mapAnd(n: number, submit: () => { map: AsyncResult<number[]>; one?: AsyncResult<number> }) {
  const start = performance.now();
  const { map, one } = submit();
  const [results, alone] = await Promise.all([map, one]);
  const seconds = (performance.now() - start) / 1000;
  deepStrictEqual(results, range(n).map(square));
  if (one) deepStrictEqual(alone, 9);
  return { tasks: n, figures: [{ metric: "seconds", value: seconds, unit: "s" }] };
}

/** Workloads with task dependencies. */
export const DEPENDENCY_WORKLOADS: Readonly<Record<string, (bench: Bench) => Promise<WorkloadResult>>> = {
  /** A graph of 1,000 no-ops. */
  W6: ({ view }) => graph(view, layeredGraph(), square),

  /** The graph of W6, with tasks that sleep 5 ms. */
  W6s: ({ view }) => graph(view, layeredGraph(), slowSquare),

  /** A chain, in which each task depends on the one before it. */
  chain: ({ view, n = 200 }) =>
    graph(
      view,
      range(n).map((node) => (node === 0 ? [] : [node - 1])),
      square,
    ),

  /** A map on which nothing depends, for comparison. */
  map: ({ view, n = 10_000 }) => mapAnd(n, () => ({ map: view.map(square, range(n)) })),

  /** One task that depends on a whole map. */
  "one-after-map": ({ view, n = 10_000 }) =>
    mapAnd(n, () => {
      const map = view.map(square, range(n));
      return { map, one: view.withFlags({ after: map }).apply(square, 3) };
    }),

  /** A whole map that depends on one task. */
  "map-after-one": ({ view, n = 10_000 }) =>
    mapAnd(n, () => {
      const one = view.apply(square, 3);
      return { one, map: view.withFlags({ after: one }).map(square, range(n)) };
    }),
};
