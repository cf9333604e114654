import type { IndexRange } from "../protocol/index-ranges.ts";

/** Consecutive tasks with the same attempt number. */
export interface LeaseRange {
  from: number;
  to: number;
  /** The tasks' next attempt, from 1. */
  attempt: number;
}

/**
 * Tasks of one job held by one engine. A task is in at most one lease, and all tasks lie within `LEASE_SPAN` of the
 * first.
 *
 * `hop` grows each time the tasks change hands. No task has the same hop twice, so the first index and the hop identify
 * a lease (or a batch of requeued tasks) permanently, and a duplicate message produces the same name.
 */
export interface Lease {
  job: string;
  ranges: LeaseRange[];
  hop: number;
  /**
   * When the tasks entered the queue, epoch milliseconds. Tasks that return to the queue unstarted keep this time, and
   * so their place.
   */
  queued: number;
  /** The queue from which the tasks were claimed. */
  queue: string;
  priority: number;
  /** Whether the tasks are suspected of killing their engine. No other tasks join such a lease. */
  alone?: boolean | undefined;
}

/** Counts the tasks in a lease. */
export function leaseTasks(lease: Pick<Lease, "ranges">): number {
  let count = 0;
  for (const { from, to } of lease.ranges) count += to - from;
  return count;
}

/** The lowest index in the lease. */
export function firstIndex(lease: Pick<Lease, "ranges">): number {
  return Math.min(...lease.ranges.map(({ from }) => from));
}

/** The last part of the sort key of the lease's outcome page. The lease's first index comes before it. */
export function leaseName(lease: Lease): string {
  return String(lease.hop);
}

/** The attempt number of a task in the lease, or `undefined` if the lease does not hold the task. */
export function attemptIn(lease: Pick<Lease, "ranges">, index: number): number | undefined {
  return lease.ranges.find(({ from, to }) => index >= from && index < to)?.attempt;
}

/** The lease's tasks as ranges. */
export function leaseIndexRanges(lease: Pick<Lease, "ranges">): IndexRange[] {
  return lease.ranges.map(({ from, to }) => [from, to] as const);
}

/** Restricts the ranges to tasks in `keep` and keeps their order. */
export function leaseRangesWithin(ranges: readonly LeaseRange[], keep: readonly IndexRange[]): LeaseRange[] {
  const kept: LeaseRange[] = [];
  for (const { from, to, attempt } of ranges)
    for (const [keepFrom, keepTo] of keep) {
      const start = Math.max(from, keepFrom);
      const end = Math.min(to, keepTo);
      if (start < end) kept.push({ from: start, to: end, attempt });
    }
  return kept;
}

/** The lease after a partial report: the tasks still running, under a new name. */
export function keptLease(lease: Lease, running: readonly IndexRange[]): Lease {
  return { ...lease, ranges: leaseRangesWithin(lease.ranges, running), hop: lease.hop + 1 };
}

/** Joins newly claimed tasks of the same job to a lease. All its tasks get a hop above any hop of the new tasks. */
export function joinedLease(lease: Lease, more: Lease): Lease {
  return { ...lease, ranges: [...lease.ranges, ...more.ranges], hop: Math.max(lease.hop, more.hop + 1) };
}

/** Returns the part of the ranges at positions [from, to), where positions count through all the ranges in order. */
export function sliceRanges(ranges: readonly LeaseRange[], from: number, to: number): LeaseRange[] {
  const slice: LeaseRange[] = [];
  let at = 0;
  for (const range of ranges) {
    const length = range.to - range.from;
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, length);
    if (start < end) slice.push({ from: range.from + start, to: range.from + end, attempt: range.attempt });
    at += length;
  }
  return slice;
}
