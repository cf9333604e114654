import * as v from "valibot";
import { wholeNumber } from "./setting-fault.ts";

/** Names of the built-in schemes, as in ipyparallel. */
export const SCHEME_NAMES = ["leastload", "lru", "plainrandom", "twobin", "weighted"] as const;
/** Parses the name of a placement scheme. */
export const SchemeName = v.picklist(SCHEME_NAMES);
/** How tasks are placed on engines: `leastload` (the default), `lru`, `plainrandom`, `twobin` or `weighted`, as in ipyparallel. */
export type SchemeName = v.InferOutput<typeof SchemeName>;

/** High-water mark: how many tasks an engine may have outstanding; 0 is unlimited, `adaptive` lets the lease size follow the task's length. */
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

/** The flags of a job as they rest in its row; what only the client acts on is not here. */
export const JobFlags = v.strictObject({
  /** Engine ids, sorted, or the name of a pool; absent: any engine. */
  targets: v.optional(v.union([v.pipe(v.array(EngineId), v.minLength(1)), v.string()])),
  /** Longest wait in the queue, restarted at each requeue. */
  timeoutMs: v.optional(wholeMs),
  /** Longest run of one attempt. */
  runTimeoutMs: v.optional(wholeMs),
  /** Longest time from submission to outcome. */
  deadlineMs: v.optional(wholeMs),
  /** Extra attempts. */
  retries: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000))),
  /** Retry only errors with these names. */
  retryOn: v.optional(v.array(v.string())),
  backoff: v.optional(Backoff),
  /** Higher first. */
  priority: v.optional(v.pipe(v.number(), v.integer(), v.minValue(-1_000_000), v.maxValue(1_000_000))),
  /** Overrides the cluster's scheme for this job. */
  scheme: v.optional(SchemeName),
  /** Only pools with at least this much memory. */
  memoryMb: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** After an attempt that ran out of memory or of its run time, the next one is on a pool with more memory. */
  escalate: v.optional(v.boolean()),
  /** Refused by every engine: waits for a new one. */
  waitForNew: v.optional(v.boolean()),
});
export type JobFlags = v.InferOutput<typeof JobFlags>;
