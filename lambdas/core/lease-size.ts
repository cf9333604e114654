import type { HighWaterMark } from "../protocol/flags.ts";
import { LEASE_SPAN } from "../protocol/spec-page.ts";

/**
 * Target duration, in milliseconds, of a lease if no other job waits and little of its own job is left: long enough to
 * amortize the lease's calls, short enough to balance load.
 */
export const LEASE_AIM_MS = 300;

/** Maximum target duration, in milliseconds, of a lease of a long job. */
export const MAX_AIM_MS = 1000;

/** A lease of a long job takes at most this part of the time that each engine will still work on the job. */
const PART_OF_REST = 1 / 4;

/**
 * Near the end of a job, a lease of at most this duration, in milliseconds, is an engine's whole share of the remaining
 * tasks: halving it would cost more in calls than it saves by balancing load.
 */
const SHARE_TAIL_MS = 50;

/** Duration of a lease, in milliseconds, below which the end of a job is not even divided among the engines. */
const MIN_TAIL_MS = 20;

/**
 * Maximum number of tasks in a lease for each measured task that it relies on. There is a limit because the mean of a
 * few tasks is only an estimate.
 */
const GROWTH = 8;

/** Maximum size of the specs in one response, in bytes. Leaves room for code below Lambda's 6 MB. */
const ANSWER_SPEC_BYTES = 3_500_000;

/**
 * Number of leases per engine into which `hwm: 0` cuts a job. If a job has at most 16 tasks per engine, each task is a
 * lease of its own, placed on its own as in ipyparallel.
 */
const BLOCKS_PER_ENGINE = 16;

/** The facts about a job's tasks when a lease is cut. */
export interface LeaseMeasure {
  /** Mean run time of the job's tasks, milliseconds; absent if none has been measured. */
  meanMs?: number | undefined;
  /** Number of measured tasks that the size may rely on. */
  reliable?: number | undefined;
  /** Number of tasks left to claim, as far as known. */
  remaining: number;
  /** Number of engines eligible for the tasks. */
  engines: number;
  /** Number of jobs with claimable work, including this one. */
  waitingJobs: number;
  /** Size of the job's largest task spec, in bytes. */
  specBytes: number;
  /**
   * Maximum number of tasks in one lease of this work, set low for tasks that are suspected of killing their engine.
   */
  atMost?: number | undefined;
}

/**
 * Number of tasks in the next lease. A high-water mark above 0 sets that number; `hwm: 0` cuts the remaining tasks into
 * `BLOCKS_PER_ENGINE` leases per engine. `mostTasks` and `atMost` limit every lease.
 *
 * Under `adaptive`, a lease has 1 task until run times are known. Then it has as many tasks as fill the target duration
 * by their mean run time, and at most 8 times as many as it may rely on. The target is `LEASE_AIM_MS`, divided by the
 * number of waiting jobs. If no other job waits, it is a quarter of the time that the job will still take, but at least
 * `LEASE_AIM_MS` and at most `MAX_AIM_MS`. Near the end of a job a lease has at most half of an engine's share of the
 * remaining tasks, so that no engine finishes long after the others. It may have the whole share if that takes at
 * most `SHARE_TAIL_MS`, and more than the share if that takes less than `MIN_TAIL_MS`.
 */
export function leaseSize(hwm: HighWaterMark, measure: LeaseMeasure): number {
  const { remaining, engines, specBytes } = measure;
  const most = Math.min(measure.atMost ?? LEASE_SPAN, mostTasks(specBytes));
  let wanted: number;
  if (hwm === 0) wanted = Math.ceil(remaining / (BLOCKS_PER_ENGINE * Math.max(1, engines)));
  else if (hwm !== "adaptive") wanted = hwm;
  else if (measure.meanMs === undefined) wanted = 1;
  else {
    const meanMs = Math.max(0.01, measure.meanMs);
    const share = remaining / Math.max(1, engines);
    const aimMs =
      measure.waitingJobs > 1 ? LEASE_AIM_MS / measure.waitingJobs : withinAims(share * meanMs * PART_OF_REST);
    const tail = Math.max(share / 2, Math.min(share, SHARE_TAIL_MS / meanMs), MIN_TAIL_MS / meanMs);
    wanted = Math.min(aimMs / meanMs, (measure.reliable ?? 1) * GROWTH, tail);
  }
  return Math.max(1, Math.min(most, Math.floor(wanted)));
}

/**
 * Target duration, in milliseconds, of a lease of this many tasks: the time that they will take, by their mean run
 * time, but at least `LEASE_AIM_MS` and at most `MAX_AIM_MS`.
 *
 * @param meanMs absent if no run time is known
 */
export function leaseAimMs(tasks: number, meanMs: number | undefined): number {
  return withinAims(tasks * (meanMs ?? 0));
}

function withinAims(ms: number): number {
  return Math.min(MAX_AIM_MS, Math.max(LEASE_AIM_MS, ms));
}

/** Maximum number of tasks in a lease: the lease's page must fit a span, and its specs must fit one response. */
export function mostTasks(specBytes: number): number {
  return Math.min(LEASE_SPAN, Math.max(1, Math.floor(ANSWER_SPEC_BYTES / Math.max(1, specBytes))));
}
