import { deepStrictEqual } from "node:assert/strict";
import { task } from "../client/task.ts";
import type { Bench, WorkloadResult } from "./run-workload.ts";
import { range, rate, squares, timed } from "./squares.ts";

async function* counting(n: number): AsyncGenerator<number> {
  for (let at = 0; at < n; at++) yield at;
}

async function fibonacci(n: number): Promise<number> {
  if (n < 2) return n;
  const { view } = task();
  const [a, b] = await Promise.all([view.apply(fibonacci, n - 1), view.apply(fibonacci, n - 2)]);
  return a + b;
}

const fibonacciOf = (n: number): number => (n < 2 ? n : fibonacciOf(n - 1) + fibonacciOf(n - 2));
const fibonacciTasks = (n: number): number => (n < 2 ? 1 : 1 + fibonacciTasks(n - 1) + fibonacciTasks(n - 2));

/** Workloads about the flow of tasks: streams, nested tasks, no-ops behind long tasks, and retries. */
export const FLOW_WORKLOADS: Readonly<Record<string, (bench: Bench) => Promise<WorkloadResult>>> = {
  /** `imap` over an asynchronous generator of no-ops, at its default window. */
  W8: async ({ view, n = 2000 }) => {
    const { result, seconds } = await timed(async () => {
      const results: number[] = [];
      for await (const one of view.imap((x: number) => x * x, counting(n))) results.push(one);
      return results;
    });
    deepStrictEqual(
      result,
      range(n).map((x) => x * x),
    );
    return { tasks: n, figures: rate(n, seconds) };
  },

  /** A Fibonacci number, computed by tasks that submit tasks: the tenth number takes 177 tasks. */
  W9: async ({ view, n = 10 }) => {
    const { result, seconds } = await timed(() => view.apply(fibonacci, n));
    deepStrictEqual(result, fibonacciOf(n));
    const tasks = fibonacciTasks(n);
    return { tasks, figures: rate(tasks, seconds) };
  },

  /** W1, to be run at `--hwm 1`. */
  W10: ({ view, n = 1000 }) => squares(view, n),

  /**
   * A map of tasks that take two seconds, and a map of no-ops submitted after it. Measures the time to the last no-op.
   */
  W11: async ({ view, engines, n = 2000 }) => {
    const slow = view.map(
      (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
      Array(2 * engines).fill(2000),
    );
    const { seconds } = await timed(() => squares(view, n));
    const { seconds: rest } = await timed(() => slow);
    return {
      tasks: n + 2 * engines,
      figures: [
        { metric: "last_noop_s", value: seconds, unit: "s" },
        { metric: "seconds", value: seconds + rest, unit: "s" },
      ],
    };
  },

  /** No-ops, a tenth of which fail once and are retried. */
  W12: async ({ view, n = 5000 }) => {
    const failOnce = (x: number) => {
      if (x % 10 === 3 && task().attempt === 1) throw new Error("the first attempt fails");
      return x * x;
    };
    const { result, seconds } = await timed(() => view.withFlags({ retries: 1 }).map(failOnce, range(n)));
    deepStrictEqual(
      result,
      range(n).map((x) => x * x),
    );
    return { tasks: n, figures: rate(n, seconds) };
  },
};
