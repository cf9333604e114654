import type { LeaseSnapshot } from "./lease-snapshot.ts";

/** A task holds up others only after it has run for this part of the lease's target duration. */
const PART_OF_AIM = 1 / 2;

/** A task holds up others only after it has run for this many times the mean run time of its job's tasks. */
const LONG_RUN = 3;

/**
 * The time from which the running task holds up the unstarted tasks of its lease, which another engine may be free to
 * run. Infinity if no task runs, or if tasks stay with this engine because the user set the high-water mark.
 *
 * @param terms of the lease: whether it keeps its tasks, and its target duration in milliseconds
 */
export function holdsUpAt(
  { running, meanMs = 0 }: LeaseSnapshot,
  { isKept, aimMs }: { isKept: boolean; aimMs: number },
): number {
  if (!running || isKept) return Number.POSITIVE_INFINITY;
  return running.startedAt + Math.max(PART_OF_AIM * aimMs, LONG_RUN * meanMs);
}
