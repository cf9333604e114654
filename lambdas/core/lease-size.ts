import type { HighWaterMark } from "../protocol/flags.ts";
import { LEASE_SPAN } from "../protocol/spec-page.ts";

/**
 * Target duration of a lease of short tasks, in milliseconds: long enough to amortise its calls, short enough to
 * balance load.
 */
export const LEASE_AIM_MS = 300;

/** Maximum factor by which one lease is larger than the last: the mean of a few tasks is only a guess. */
const GROWTH = 8;

/** Maximum size of the specs in one response, in bytes. Leaves room for code below Lambda's 6 MB. */
const ANSWER_SPEC_BYTES = 3_500_000;

/**
 * Number of leases per engine into which `hwm: 0` cuts a job. With up to 16 tasks per engine, each task is drawn
 * separately, as in ipyparallel.
 */
const BLOCKS_PER_ENGINE = 16;

/** The facts about a job's tasks when a lease is cut. */
export interface LeaseMeasure {
  /** Mean run time of the job's tasks, milliseconds; absent if none has been measured. */
  meanMs?: number | undefined;
  /** Number of tasks in the lease that the mean comes from. */
  previous?: number | undefined;
  /** Number of tasks left to claim, as far as known. */
  remaining: number;
  /** Number of engines eligible for the tasks. */
  engines: number;
  /** Number of jobs with claimable work, including this one. */
  waitingJobs: number;
  /** Size of the job's largest task spec, in bytes. */
  specBytes: number;
  /** Maximum number of tasks in one lease of this work. Small for suspected tasks. */
  atMost?: number | undefined;
}

/**
 * Number of tasks in the next lease.
 *
 * Under `adaptive`, a lease has 1 task until run times are known. Then it has as many tasks as fill `LEASE_AIM_MS` by
 * their mean run time, divided by the number of waiting jobs, and at most 8 times as many as the previous lease. Near
 * the end of a job it has at most half of an engine's share of the remaining tasks, so that no engine finishes long
 * after the others.
 */
export function leaseSize(hwm: HighWaterMark, measure: LeaseMeasure): number {
  const { remaining, engines, specBytes } = measure;
  const most = Math.min(measure.atMost ?? LEASE_SPAN, mostTasks(specBytes));
  let wanted: number;
  if (hwm === 0) wanted = Math.ceil(remaining / (BLOCKS_PER_ENGINE * Math.max(1, engines)));
  else if (hwm !== "adaptive") wanted = hwm;
  else if (measure.meanMs === undefined) wanted = 1;
  else {
    const aim = LEASE_AIM_MS / Math.max(1, measure.waitingJobs) / Math.max(0.01, measure.meanMs);
    const tail = remaining / (2 * Math.max(1, engines));
    wanted = Math.min(aim, (measure.previous ?? 1) * GROWTH, tail);
  }
  return Math.max(1, Math.min(most, Math.floor(wanted)));
}

/** Maximum number of tasks in a lease: the lease's page must fit a span, and its specs must fit one response. */
export function mostTasks(specBytes: number): number {
  return Math.min(LEASE_SPAN, Math.max(1, Math.floor(ANSWER_SPEC_BYTES / Math.max(1, specBytes))));
}
