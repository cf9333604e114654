import type { Grant } from "../protocol/report-messages.ts";
import type { LeaseBoard } from "./lease-board.ts";
import type { LeaseUnits } from "./lease-units.ts";
import type { WorkerLease } from "./worker-messages.ts";

/** What the worker needs of a lease to run its tasks; the sources of its functions are given apart. */
export function leaseForWorker(
  grant: Grant,
  units: LeaseUnits,
  board: LeaseBoard,
  engineId: number,
  invocationEndsAt: number,
): WorkerLease {
  const { job, tasks, functions, chunked, names, runTimeoutMs, deadlineAt } = grant;
  return {
    job,
    engineId,
    board: board.memory,
    tasks,
    functions: functions.map(({ code, name, data, modules }) => {
      const missing = units.missing.get(code);
      return {
        code,
        name,
        ...(data === undefined ? {} : { data }),
        ...(modules === undefined ? {} : { modules }),
        ...(missing === undefined ? {} : { missing }),
      };
    }),
    chunked,
    ...(names === undefined ? {} : { names }),
    ...(runTimeoutMs === undefined ? {} : { runTimeoutMs }),
    endsAt: Math.min(deadlineAt ?? Number.POSITIVE_INFINITY, invocationEndsAt),
  };
}
