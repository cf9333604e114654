import { deepStrictEqual } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { LoadBalancedView } from "../client/index.ts";
import { machineMs } from "../client/local/requests/call-log.ts";
import type { Span } from "./critical-path.ts";
import { DEPENDENCY_WORKLOADS } from "./dependency-workloads.ts";
import { FLOW_WORKLOADS } from "./flow-workloads.ts";
import { range, squares, timed } from "./squares.ts";
import { greedyBound, heavyTailedSleeps } from "./workloads.ts";

/** A workload's result: how many tasks it ran, and its own figures. */
export interface WorkloadResult {
  tasks: number;
  figures: { metric: string; value: number; unit: string }[];
  /** The time from each submission to its result, if there are several submissions. Default: the whole run. */
  spans?: Span[];
}

/** The environment of a workload. */
export interface Bench {
  view: LoadBalancedView;
  engines: number;
  /** Number of tasks, for workloads that have one. Default: the workload's standard size. */
  n?: number | undefined;
  /** Kills the execution environment of a busy engine, as `kill -9` would. */
  killEngine(): Promise<unknown>;
}

/** The workloads by name. Every result is checked. */
export const WORKLOADS: Readonly<Record<string, (bench: Bench) => Promise<WorkloadResult>>> = {
  /** No-op tasks, chunk 1. */
  W1: ({ view, n = 10_000 }) => squares(view, n),

  /** No-op tasks, chunk 100. */
  W2: ({ view, n = 10_000 }) => squares(view.withFlags({ chunkSize: 100 }), n),

  /** Sequential applies: the latency of a single task. */
  W3: async ({ view, n = 300 }) => {
    const lasted: number[] = [];
    const spans: Span[] = [];
    for (let i = 0; i < n; i++) {
      const from = machineMs();
      const { result, seconds } = await timed(() => view.apply((x: number) => x * x, i));
      spans.push({ from, to: machineMs() });
      deepStrictEqual(result, i * i);
      lasted.push(seconds * 1000);
    }
    lasted.sort((a, b) => a - b);
    const quantile = (q: number) => lasted[Math.floor(lasted.length * q)] ?? 0;
    return {
      tasks: n,
      spans,
      figures: [
        { metric: "p50_ms", value: quantile(0.5), unit: "ms" },
        { metric: "p99_ms", value: quantile(0.99), unit: "ms" },
      ],
    };
  },

  /** Heavy-tailed sleeps: load balance, compared with greedy list scheduling without overhead. */
  W4: async ({ view, engines }) => {
    const sleeps = heavyTailedSleeps();
    const sleep = (ms: number) => new Promise<number>((resolve) => setTimeout(() => resolve(ms), ms));
    const { result, seconds } = await timed(() => view.map(sleep, sleeps));
    deepStrictEqual(result, sleeps);
    const bound = greedyBound(sleeps, engines) / 1000;
    return {
      tasks: sleeps.length,
      figures: [
        { metric: "seconds", value: seconds, unit: "s" },
        { metric: "greedy_bound_s", value: bound, unit: "s" },
        { metric: "over_bound", value: seconds / bound, unit: "ratio" },
      ],
    };
  },

  /** Tasks that take 100 KiB and return 100 KiB. */
  W5: async ({ view, n = 1000 }) => {
    const bytes = 102_400;
    const data = range(n).map(() => new Uint8Array(randomBytes(bytes)));
    const { result, seconds } = await timed(() => view.map((chunk: Uint8Array) => chunk, data));
    for (const [at, chunk] of result.entries())
      if (Buffer.compare(chunk, data[at] ?? new Uint8Array()) !== 0)
        throw new Error(`W5: item ${at} came back changed`);
    return {
      tasks: n,
      figures: [
        { metric: "mb_per_s", value: (2 * n * bytes) / 1e6 / seconds, unit: "MB/s" },
        { metric: "seconds", value: seconds, unit: "s" },
      ],
    };
  },

  ...DEPENDENCY_WORKLOADS,
  ...FLOW_WORKLOADS,

  /** 200 tasks of 50 ms with retries; an engine is killed after 2.5 s. */
  W7: async ({ view, engines, killEngine }) => {
    const n = 200;
    const slow = (x: number) => new Promise<number>((resolve) => setTimeout(() => resolve(x * x), 50));
    const { result, seconds } = await timed(() => {
      const running = view.withFlags({ retries: 3 }).map(slow, range(n));
      const killed = new Promise<void>((resolve) => setTimeout(resolve, 2500)).then(() => killEngine());
      return Promise.all([running, killed]).then(([values]) => values);
    });
    deepStrictEqual(
      result,
      range(n).map((x) => x * x),
    );
    return {
      tasks: n,
      figures: [
        { metric: "seconds", value: seconds, unit: "s" },
        { metric: "bound_s", value: (n * 50) / 1000 / engines, unit: "s" },
        { metric: "delivered", value: result.length, unit: "results" },
      ],
    };
  },
};
