import * as v from "valibot";
import { Budget } from "./budget.ts";
import { wholeNumber } from "./setting-fault.ts";

/** Names of the built-in schemes, as in ipyparallel. */
export const SCHEME_NAMES = ["leastload", "lru", "plainrandom", "twobin", "weighted"] as const;
/** Parses the name of a placement scheme. */
export const SchemeName = v.picklist(SCHEME_NAMES);
/**
 * How tasks are placed on engines: `leastload` (the default), `lru`, `plainrandom`, `twobin` or `weighted`, as in
 * ipyparallel.
 */
export type SchemeName = v.InferOutput<typeof SchemeName>;

/**
 * High-water mark: maximum number of outstanding tasks per engine. 0 means unlimited; `adaptive` sizes leases by task
 * duration.
 */
export const HighWaterMark = v.union([v.literal("adaptive"), v.pipe(v.number(), v.integer(), v.minValue(0))]);
export type HighWaterMark = v.InferOutput<typeof HighWaterMark>;

const wholeMs = wholeNumber(0);
export const EngineId = wholeNumber(0, 999_999);

export const Backoff = v.strictObject({
  initialMs: wholeMs,
  factor: v.optional(v.pipe(v.number("must be a number, 1 or more"), v.minValue(1, "must be a number, 1 or more")), 2),
  maxMs: v.optional(wholeMs),
  jitter: v.optional(v.boolean(), true),
});
export type Backoff = v.InferOutput<typeof Backoff>;

/** The flags of a job, as stored in its row. Flags that only the client uses are not included. */
export const JobFlags = v.strictObject({
  /** Engine ids, sorted, or the name of a pool; absent: any engine. */
  targets: v.optional(v.union([v.pipe(v.array(EngineId), v.minLength(1)), v.string()])),
  /** Maximum time in the queue, restarted at each retry. */
  timeoutMs: v.optional(wholeMs),
  /** Maximum run time of one attempt. */
  runTimeoutMs: v.optional(wholeMs),
  /** Maximum time from submission to outcome. */
  deadlineMs: v.optional(wholeMs),
  /** Number of extra attempts. */
  retries: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000))),
  /** Only errors with these names are retried. */
  retryOn: v.optional(v.array(v.string())),
  backoff: v.optional(Backoff),
  /** Tasks of higher priority run first. Default 0. */
  priority: v.optional(v.pipe(v.number(), v.integer(), v.minValue(-1_000_000), v.maxValue(1_000_000))),
  /** Overrides the cluster's scheme for this job. */
  scheme: v.optional(SchemeName),
  /** Tasks only run in pools with at least this much memory, in MB. */
  memoryMb: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /**
   * Whether an attempt that ran out of memory or run time is repeated in a pool with more memory, without counting as
   * another attempt.
   */
  escalate: v.optional(v.boolean()),
  /** Whether a task that no engine can run waits for a new engine. */
  waitForNew: v.optional(v.boolean()),
  /** Once the job's spending reaches this budget, no more of its tasks start. */
  budgetUsd: v.optional(Budget),
});
export type JobFlags = v.InferOutput<typeof JobFlags>;
