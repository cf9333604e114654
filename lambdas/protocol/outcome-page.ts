import * as v from "valibot";
import { AttemptPhases } from "./attempt-phases.ts";
import { EncodedValue } from "./function-reference.ts";
import type { IndexRange } from "./index-ranges.ts";
import type { PackedUsage } from "./usage.ts";

/**
 * How an attempt ended. `lost`: it failed because of its engine or the cluster, not its function; `timeout`: it did not
 * start or finish in time; `impossible`: it could never start. `unmet` is not an attempt but a refusal: the engine does
 * not meet the task's requirements. Stored pages refer to positions in this list, so only append to it.
 */
export const ENTRY_STATUSES = ["ok", "error", "lost", "timeout", "aborted", "unmet", "impossible"] as const;
export const EntryStatus = v.picklist(ENTRY_STATUSES);
export type EntryStatus = v.InferOutput<typeof EntryStatus>;

/** How a task can end: any status but `unmet`, which is a refusal. */
export type FinalStatus = Exclude<EntryStatus, "unmet">;
export const FINAL_STATUSES: readonly FinalStatus[] = ENTRY_STATUSES.filter((status) => status !== "unmet");

/** How a task can end without running. */
export type UnrunStatus = Exclude<FinalStatus, "ok" | "error">;

/** Error classes of failed tasks. */
export const ERROR_CODES = [
  "RemoteError",
  "EngineError",
  "TaskTimeout",
  "RunTimeout",
  "TaskAborted",
  "ImpossibleDependency",
  "InvalidDependency",
  "UnmetDependency",
  "CodecError",
  "BudgetExceeded",
] as const;

/** An encoded failure: `code` is fantail's class, `ename` the class that was thrown on the engine. */
export interface EncodedError {
  code: (typeof ERROR_CODES)[number];
  ename: string;
  evalue: string;
  traceback?: string | undefined;
  /** The thrown value itself, if it could be encoded. From it the client takes the name, cause and own fields. */
  thrown?: EncodedValue | undefined;
  /** The parent task that makes this task impossible, and why; for an ImpossibleDependency. */
  dependency?: string | undefined;
  reason?: string | undefined;
  /** For BudgetExceeded: the job's spending and budget, in US dollars. */
  spent?: number | undefined;
  budget?: number | undefined;
  /** Whether the attempt ran out of memory. */
  memory?: boolean | undefined;
  /** The module that this engine, and so every engine of its pool, cannot load; for an UnmetDependency. */
  module?: string | undefined;
}
export const EncodedError = v.strictObject({
  code: v.picklist(ERROR_CODES),
  ename: v.pipe(v.string(), v.maxLength(500)),
  evalue: v.pipe(v.string(), v.maxLength(20_000)),
  traceback: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
  thrown: v.optional(EncodedValue),
  dependency: v.optional(v.pipe(v.string(), v.maxLength(100))),
  reason: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
  spent: v.optional(v.number()),
  budget: v.optional(v.number()),
  memory: v.optional(v.boolean()),
  module: v.optional(v.pipe(v.string(), v.maxLength(500))),
});

/** One attempt of one task. */
export const Entry = v.strictObject({
  index: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Number of the attempt, from 1. */
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  status: EntryStatus,
  /**
   * Whether the task has ended with this attempt; if not, it continues. The scheduler decides this, never an engine.
   */
  final: v.boolean(),
  /** The result, if `status` is `ok`. In a chunked map: the list of outcomes per item (see `ItemOutcome`). */
  value: v.optional(EncodedValue),
  error: v.optional(EncodedError),
  /** When the attempt started, epoch milliseconds by the engine's clock; absent if it never started. */
  started: v.optional(v.number()),
  completed: v.optional(v.number()),
  phases: v.optional(AttemptPhases),
  stdout: v.optional(v.string()),
  stderr: v.optional(v.string()),
  /** When the next attempt may start, epoch milliseconds; only with `final: false`. */
  due: v.optional(v.number()),
  /** The pool with more memory in which the same attempt continues; only with `final: false`. */
  up: v.optional(v.string()),
});
export type Entry = v.InferOutput<typeof Entry>;

/**
 * Maximum size of an outcome page, in bytes of its body: DynamoDB's limit of 400 KB for an item, less room for its key.
 */
export const OUTCOME_PAGE_BYTES = 360_000;

/**
 * Size at which an engine reports the entries it has gathered, in bytes of their JSON, partly estimated. One more entry
 * of any size still fits the page.
 */
export const REPORT_BYTES = 200_000;

/** The outcome of one lease. A report and a revocation race to write it under the same key; only the first succeeds. */
export interface OutcomePage {
  /** The engine that held the lease; absent if the tasks ended without one. */
  engine?: number | undefined;
  pool?: string | undefined;
  /** The engine's generation at the time. Absent: 0. */
  generation?: number | undefined;
  /** Whether this page revoked the lease: a later report is refused. */
  revoked: boolean;
  /** When the scheduler received the report, or made the page itself; epoch milliseconds. */
  received: number;
  entries: Entry[];
  /**
   * Tasks of the lease that kept running, `to` exclusive; only in the page of a partial report. Tasks that are neither
   * here nor in `entries` were requeued.
   */
  running?: readonly IndexRange[] | undefined;
  /**
   * The task that the engine runs next: it is the session's next lease, although the engine's row does not show it.
   * Only in the page of a lease of one task; the next one is of the same job and queue, and has not been tried before.
   */
  next?: number | undefined;
  /** What engine and scheduler have used and not charged to an earlier page. Only in the page of a report. */
  used?: PackedUsage | undefined;
}

/** The outcome of one item of a chunk: its value or its failure. */
export const ItemOutcome = v.union([
  v.strictTuple([v.literal(1), EncodedValue]),
  v.strictTuple([v.literal(0), EncodedError]),
]);
export type ItemOutcome = v.InferOutput<typeof ItemOutcome>;
