import { deepStrictEqual } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { range, rate, timed } from "../squares.ts";
import { greedyBound } from "../workloads.ts";
import type { DriverPlan } from "./compared-workloads.ts";
import type { PeerSystem } from "./node-driver.ts";
import type { PeerTask } from "./peer-task.ts";

interface Outcome {
  tasks: number;
  figures: Record<string, number>;
}

const VALUE_BYTES = 102_400;
const CHUNK = 100;
const square = (x: number) => x * x;
const squareTask = (x: number): PeerTask => ({ kind: "square", x });
const named = (figures: { metric: string; value: number }[]): Record<string, number> =>
  Object.fromEntries(figures.map(({ metric, value }) => [metric, value]));

async function squares(system: PeerSystem, n: number, taskOf: (x: number) => PeerTask): Promise<Outcome> {
  const tasks = range(n).map(taskOf);
  const { result, seconds } = await timed(() => system.runAll(tasks));
  deepStrictEqual(result, range(n).map(square));
  return { tasks: n, figures: named(rate(n, seconds)) };
}

/**
 * Runs each task once its parents have ended. The client waits for the parents, because the system has no dependencies.
 */
function byClient(system: PeerSystem, parents: readonly (readonly number[])[], taskOf: (node: number) => PeerTask) {
  const nodes: Promise<unknown>[] = [];
  for (const [node, before] of parents.entries())
    nodes.push(Promise.all(before.map((parent) => nodes[parent])).then(() => system.run(taskOf(node))));
  return Promise.all(nodes);
}

async function graph(system: PeerSystem, { parents = [] }: DriverPlan, taskOf: (node: number) => PeerTask) {
  const { result, seconds } = await timed(() =>
    system.runGraph ? system.runGraph(parents, taskOf) : byClient(system, parents, taskOf),
  );
  deepStrictEqual(result, range(parents.length).map(square));
  return { tasks: parents.length, figures: { seconds } };
}

/** The workloads of `bench/run-workload.ts` for Node.js systems. Every result is checked. */
export const PEER_WORKLOADS: Readonly<Record<string, (system: PeerSystem, plan: DriverPlan) => Promise<Outcome>>> = {
  W1: (system, { n }) => squares(system, n, squareTask),

  W2: async (system, { n }) => {
    const chunks = range(Math.ceil(n / CHUNK)).map((at) => range(n).slice(at * CHUNK, (at + 1) * CHUNK));
    const { result, seconds } = await timed(() => system.runAll(chunks.map((xs) => ({ kind: "squares", xs }))));
    deepStrictEqual(result.flat(), range(n).map(square));
    return { tasks: n, figures: named(rate(n, seconds)) };
  },

  W3: async (system, { n }) => {
    const lasted: number[] = [];
    for (let at = 0; at < n; at++) {
      const { result, seconds } = await timed(() => system.run(squareTask(at)));
      deepStrictEqual(result, at * at);
      lasted.push(seconds * 1000);
    }
    lasted.sort((a, b) => a - b);
    const quantile = (q: number) => lasted[Math.floor(n * q)] ?? 0;
    return { tasks: n, figures: { p50_ms: quantile(0.5), p99_ms: quantile(0.99) } };
  },

  W4: async (system, { sleeps = [], engines }) => {
    const { result, seconds } = await timed(() => system.runAll(sleeps.map((ms) => ({ kind: "sleep", ms }))));
    deepStrictEqual(result, sleeps);
    return { tasks: sleeps.length, figures: { seconds, over_bound: (seconds * 1000) / greedyBound(sleeps, engines) } };
  },

  W5: async (system, { n }) => {
    const values = range(n).map(() =>
      system.takesBytes
        ? new Uint8Array(randomBytes(VALUE_BYTES))
        : randomBytes((VALUE_BYTES / 4) * 3).toString("base64"),
    );
    const { result, seconds } = await timed(() => system.runAll(values.map((value) => ({ kind: "echo", value }))));
    deepStrictEqual(result, values);
    return { tasks: n, figures: { mb_per_s: (2 * n * VALUE_BYTES) / 1e6 / seconds, seconds } };
  },

  W6: (system, plan) => graph(system, plan, squareTask),

  W6s: (system, plan) => graph(system, plan, (x) => ({ kind: "slowSquare", x, ms: 5 })),

  W7: async (system, { n }) => {
    const tasks = range(n).map((x): PeerTask => ({ kind: "slowSquare", x, ms: 50 }));
    const { result, seconds } = await timed(async () => {
      const running = system.runAll(tasks);
      await Promise.all([running, sleep(2500).then(() => system.killWorker?.())]);
      return running;
    });
    deepStrictEqual(result, range(n).map(square));
    return { tasks: n, figures: { seconds } };
  },

  W9: async (system, { n }) => {
    const { result, seconds } = await timed(async () => system.fibonacci?.(n));
    const numbers = [0, 1];
    const calls = [1, 1];
    for (let at = 2; at <= n; at++) {
      numbers.push((numbers[at - 1] ?? 0) + (numbers[at - 2] ?? 0));
      calls.push(1 + (calls[at - 1] ?? 0) + (calls[at - 2] ?? 0));
    }
    deepStrictEqual(result, numbers[n]);
    const tasks = calls[n] ?? 0;
    return { tasks, figures: named(rate(tasks, seconds)) };
  },

  W10: (system, { n }) => squares(system, n, squareTask),

  W11: async (system, { n, engines }) => {
    const slow = system.runAll(range(2 * engines).map(() => ({ kind: "sleep", ms: 2000 })));
    const { figures } = await squares(system, n, squareTask);
    deepStrictEqual(await slow, Array(2 * engines).fill(2000));
    return { tasks: n + 2 * engines, figures: { last_noop_s: figures.seconds ?? 0 } };
  },

  W12: (system, { n }) => squares(system, n, (x) => ({ kind: "failOnce", x })),
};
