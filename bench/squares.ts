import { deepStrictEqual } from "node:assert/strict";
import { performance } from "node:perf_hooks";
import type { LoadBalancedView } from "../client/index.ts";
import type { WorkloadResult } from "./run-workload.ts";

export const range = (n: number) => Array.from({ length: n }, (_, index) => index);

/** Runs an action and measures how long it takes, in seconds, until the client holds all results. */
export async function timed<T>(action: () => PromiseLike<T>): Promise<{ result: T; seconds: number }> {
  const start = performance.now();
  const result = await action();
  return { result, seconds: (performance.now() - start) / 1000 };
}

/** Squares the first `n` numbers, each by a task. */
export async function squares(view: LoadBalancedView, n: number): Promise<WorkloadResult> {
  const { result, seconds } = await timed(() => view.map((x: number) => x * x, range(n)));
  deepStrictEqual(
    result,
    range(n).map((x) => x * x),
  );
  return {
    tasks: n,
    figures: rate(n, seconds),
  };
}

/** Returns the figures of a run: tasks per second, and seconds. */
export function rate(tasks: number, seconds: number): WorkloadResult["figures"] {
  return [
    { metric: "tasks_per_s", value: tasks / seconds, unit: "tasks/s" },
    { metric: "seconds", value: seconds, unit: "s" },
  ];
}
