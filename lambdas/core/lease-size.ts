import type { HighWaterMark } from "../protocol/flags.ts";
import { LEASE_SPAN } from "../protocol/spec-page.ts";

/** How long a lease of short tasks should last, in milliseconds: long enough to make its calls cheap, short enough to balance. */
export const LEASE_AIM_MS = 300;

/** A lease grows at most this much over the one before it: a mean of few tasks is a guess. */
const GROWTH = 8;

/** Room for specs in one answer, in bytes: below Lambda's 6 MB with code beside them. */
const ANSWER_SPEC_BYTES = 3_500_000;

/** Blocks per engine into which `hwm: 0` cuts a job: up to 16 tasks an engine each task is a draw of its own, as in ipyparallel. */
const BLOCKS_PER_ENGINE = 16;

/** What is known of a job's tasks when a lease is cut. */
export interface LeaseMeasure {
  /** Mean run of its tasks, milliseconds; absent: none has been seen. */
  meanMs?: number | undefined;
  /** Tasks in the lease that gave the mean. */
  previous?: number | undefined;
  /** Tasks that are left to claim, as far as known. */
  remaining: number;
  /** Engines that may take them. */
  engines: number;
  /** Jobs with claimable work, this one included. */
  waitingJobs: number;
  /** Longest spec of the job, in bytes. */
  specBytes: number;
  /** Most tasks that one lease of this work may hold: small for suspects. */
  atMost?: number | undefined;
}

/**
 * How many tasks the next lease takes.
 *
 * Adaptive: an unknown function starts at one; then as many as fill `LEASE_AIM_MS` by the mean, at
 * most eight times the lease before, a fair share when several jobs wait, and near the end at
 * most half of an engine's share of what is left, so that no engine ends long after the others.
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

/** Most tasks that a lease may hold: their page must lie within a span, and their specs must fit one answer. */
export function mostTasks(specBytes: number): number {
  return Math.min(LEASE_SPAN, Math.max(1, Math.floor(ANSWER_SPEC_BYTES / Math.max(1, specBytes))));
}
