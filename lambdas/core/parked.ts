import type { Engine } from "./engine.ts";
import { attemptIn, type Lease } from "./lease.ts";

/** Splits a lease that is being parked into one lease per task, because each task ends by itself. */
export function parkedLeases(lease: Lease): Lease[] {
  return lease.ranges.flatMap(({ from, to, attempt }) =>
    Array.from({ length: to - from }, (_, at) => ({
      ...lease,
      ranges: [{ from: from + at, to: from + at + 1, attempt }],
    })),
  );
}

/** Finds the parked lease of a task; `undefined` if the task is not parked. */
export function parkedLease(engine: Pick<Engine, "parked">, job: string, index: number): Lease | undefined {
  return engine.parked.find((lease) => lease.job === job && attemptIn(lease, index) !== undefined);
}

/** Whether the engine's session is running the task or has it parked. */
export function holdsTask(engine: Pick<Engine, "leases" | "parked">, job: string, index: number): boolean {
  const running = engine.leases[0];
  if (running?.job === job && attemptIn(running, index) !== undefined) return true;
  return parkedLease(engine, job, index) !== undefined;
}
