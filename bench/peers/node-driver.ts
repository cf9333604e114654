import { nextPlan, tell } from "./driver-protocol.ts";
import type { PeerTask } from "./peer-task.ts";
import { PEER_WORKLOADS } from "./peer-workloads.ts";

/** A Node.js system to compare, already started. */
export interface PeerSystem {
  versions: Record<string, string>;
  /** Whether tasks can take and return bytes. If not, bytes are sent as base64. */
  takesBytes: boolean;
  run(task: PeerTask): Promise<unknown>;
  runAll(tasks: PeerTask[]): Promise<unknown[]>;
  /** Runs a graph, each task after its parents. Absent: the client starts each task once its parents have ended. */
  runGraph?(parents: readonly (readonly number[])[], taskOf: (node: number) => PeerTask): Promise<unknown[]>;
  /** Computes a Fibonacci number with tasks that wait for tasks. */
  fibonacci?(n: number): Promise<unknown>;
  /** Kills a worker, as `kill -9` would. */
  killWorker?(): void;
  close(): Promise<void>;
}

/** Runs a driver: see `driver-protocol.ts`. */
export async function drive(start: (engines: number) => Promise<PeerSystem>): Promise<void> {
  const engines = Number(process.argv[3]);
  const system = await start(engines);
  try {
    await system.run({ kind: "square", x: 3 });
    tell({ event: "first-result", versions: system.versions });
    for (let at = 0; at < 20; at++) await system.run({ kind: "square", x: at });
    await system.runAll(Array.from({ length: engines * 4 }, (_, x) => ({ kind: "square", x })));
    tell({ event: "ready" });
    const plan = await nextPlan();
    const workload = PEER_WORKLOADS[plan.workload];
    if (workload) tell({ event: "figures", ...(await workload(system, plan)) });
  } finally {
    await system.close();
  }
  process.exit(0);
}
