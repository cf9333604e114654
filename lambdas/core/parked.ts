import type { Engine } from "./engine.ts";
import { attemptIn, type Lease } from "./lease.ts";

/** The leases that a parked lease falls into: one for each task, as each ends by itself. */
export function parkedLeases(lease: Lease): Lease[] {
  return lease.runs.flatMap(({ from, to, attempt }) =>
    Array.from({ length: to - from }, (_, at) => ({
      ...lease,
      runs: [{ from: from + at, to: from + at + 1, attempt }],
    })),
  );
}

/** The parked lease of a task; `undefined` when it is not parked, or no longer. */
export function parkedLease(engine: Pick<Engine, "parked">, job: string, index: number): Lease | undefined {
  return engine.parked.find((lease) => lease.job === job && attemptIn(lease, index) !== undefined);
}

/** Claims that the task is one that the engine's session runs, or has parked. */
export function holdsTask(engine: Pick<Engine, "leases" | "parked">, job: string, index: number): boolean {
  const running = engine.leases[0];
  if (running?.job === job && attemptIn(running, index) !== undefined) return true;
  return parkedLease(engine, job, index) !== undefined;
}
