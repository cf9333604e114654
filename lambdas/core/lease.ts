import type { IndexRange } from "../protocol/index-ranges.ts";

/** Consecutive tasks on the same attempt. */
export interface LeaseRun {
  from: number;
  to: number;
  /** The attempt they are about to make, from 1. */
  attempt: number;
}

/**
 * Tasks of one job that one engine holds, each in exactly one lease. Its tasks lie within `LEASE_SPAN` of the first.
 *
 * `hop` counts how often the tasks changed hands: a task is at a hop once, so the first index and the hop name
 * a lease (and a run of requeued tasks) for ever, and a doubled message makes the same name again.
 */
export interface Lease {
  job: string;
  runs: LeaseRun[];
  hop: number;
  /** When its tasks entered the queue, epoch milliseconds: they go back there in the same place. */
  queued: number;
  /** Queue class that they came from. */
  queue: string;
  priority: number;
  /** Claims that its tasks are under suspicion: they run among themselves, and nothing joins them. */
  alone?: boolean | undefined;
}

/** Tasks in a lease. */
export function leaseTasks(lease: Pick<Lease, "runs">): number {
  let count = 0;
  for (const { from, to } of lease.runs) count += to - from;
  return count;
}

/** The lowest index in the lease. */
export function firstIndex(lease: Pick<Lease, "runs">): number {
  return Math.min(...lease.runs.map(({ from }) => from));
}

/** The lease's name within its job: the sort key of its outcome page ends with it. */
export function leaseName(lease: Lease): string {
  return String(lease.hop);
}

/** The attempt that the lease gives a task, or `undefined` when it does not hold it. */
export function attemptIn(lease: Pick<Lease, "runs">, index: number): number | undefined {
  return lease.runs.find(({ from, to }) => index >= from && index < to)?.attempt;
}

/** The lease's tasks as ranges. */
export function leaseRanges(lease: Pick<Lease, "runs">): IndexRange[] {
  return lease.runs.map(({ from, to }) => [from, to] as const);
}

/** The runs cut down to the tasks that `keep` names, in the lease's order. */
export function runsWithin(runs: readonly LeaseRun[], keep: readonly IndexRange[]): LeaseRun[] {
  const kept: LeaseRun[] = [];
  for (const { from, to, attempt } of runs)
    for (const [keepFrom, keepTo] of keep) {
      const start = Math.max(from, keepFrom);
      const end = Math.min(to, keepTo);
      if (start < end) kept.push({ from: start, to: end, attempt });
    }
  return kept;
}

/** What a partial report leaves of a lease: the tasks that go on running, under a name of their own. */
export function keptLease(lease: Lease, running: readonly IndexRange[]): Lease {
  return { ...lease, runs: runsWithin(lease.runs, running), hop: lease.hop + 1 };
}

/** A lease that newly claimed tasks of its job join: all take the same hop, above any that they had. */
export function joinedLease(lease: Lease, more: Lease): Lease {
  return { ...lease, runs: [...lease.runs, ...more.runs], hop: Math.max(lease.hop, more.hop + 1) };
}

/** Positions `from` to `to` of the runs laid end to end. */
export function sliceRuns(runs: readonly LeaseRun[], from: number, to: number): LeaseRun[] {
  const slice: LeaseRun[] = [];
  let at = 0;
  for (const run of runs) {
    const length = run.to - run.from;
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, length);
    if (start < end) slice.push({ from: run.from + start, to: run.from + end, attempt: run.attempt });
    at += length;
  }
  return slice;
}
