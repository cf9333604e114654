import * as v from "valibot";
import { EncodedValue } from "./function-reference.ts";
import type { IndexRange } from "./index-ranges.ts";

/**
 * How an attempt ended. `lost` says that the engine died under it, `timeout` that it was not started or
 * not done in time, `impossible` that it could never start; the rest is said by the engine that ran it. `unmet` is no
 * attempt but a refusal: the engine lacks what the task depends on. Pages hold places in this list, so it only grows.
 */
export const ENTRY_STATUSES = ["ok", "error", "lost", "timeout", "aborted", "unmet", "impossible"] as const;
export const EntryStatus = v.picklist(ENTRY_STATUSES);
export type EntryStatus = v.InferOutput<typeof EntryStatus>;

/** How a task can end: all but a refusal, after which it goes on. */
export type FinalStatus = Exclude<EntryStatus, "unmet">;
export const FINAL_STATUSES: readonly FinalStatus[] = ENTRY_STATUSES.filter((status) => status !== "unmet");

/** How a task can end that was not run. */
export type UnrunStatus = Exclude<FinalStatus, "ok" | "error">;

/** Classes of the errors with which tasks fail. */
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
] as const;

/** A failure at rest: `code` is fantail's class, `ename` the class that was thrown on the engine. */
export interface EncodedError {
  code: (typeof ERROR_CODES)[number];
  ename: string;
  evalue: string;
  traceback?: string | undefined;
  /** The whole thrown value by the codec, when it could be encoded: gives the client name, cause and own fields. */
  thrown?: EncodedValue | undefined;
  /** Of an ImpossibleDependency: the task that it depends on, and why that rules it out. */
  dependency?: string | undefined;
  reason?: string | undefined;
  /** Claims that the attempt ran out of memory. */
  memory?: boolean | undefined;
  /** Of an UnmetDependency: the module that cannot be loaded, on any engine of the pool therefore. */
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
  memory: v.optional(v.boolean()),
  module: v.optional(v.pipe(v.string(), v.maxLength(500))),
});

/** One attempt of one task. */
export const Entry = v.strictObject({
  index: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** 1 for the first. */
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  status: EntryStatus,
  /** Claims that the task has ended; false: another attempt follows. Decided by the scheduler, never by an engine. */
  final: v.boolean(),
  /** The result of an `ok`. In a chunked map: the list of per-item outcomes (see `ItemOutcome`). */
  value: v.optional(EncodedValue),
  error: v.optional(EncodedError),
  /** Epoch milliseconds by the engine's clock; absent when it never started. */
  started: v.optional(v.number()),
  completed: v.optional(v.number()),
  stdout: v.optional(v.string()),
  stderr: v.optional(v.string()),
  /** When the next attempt may start, epoch milliseconds; only with `final: false`. */
  due: v.optional(v.number()),
  /** The pool with more memory in which the same attempt goes on; only with `final: false`. */
  up: v.optional(v.string()),
});
export type Entry = v.InferOutput<typeof Entry>;

/** Largest outcome page, in characters of its body: DynamoDB's item limit of 400 KB, less keys and multi-byte text. */
export const OUTCOME_PAGE_BYTES = 360_000;

/** Entries that an engine gathers before it reports, in characters of their JSON: one more entry of any size still fits the page. */
export const REPORT_BYTES = 200_000;

/** What one lease brought. Its key is the fence: report and revocation race for it. */
export interface OutcomePage {
  /** The engine of the lease; absent when the tasks ended without one. */
  engine?: number | undefined;
  pool?: string | undefined;
  /** The engine's life at the time: it changes when the engine dies. Absent: 0. */
  life?: number | undefined;
  /** Claims that this page revoked the lease: a report that comes later is refused. */
  revoked: boolean;
  /** When the scheduler received it, epoch milliseconds. */
  received: number;
  entries: Entry[];
  /** Tasks of the lease that went on running, `to` excluded: the page of a partial report. What is neither here nor in `entries` went back to the queue. */
  running?: readonly IndexRange[] | undefined;
}

/** Outcome of one item of a chunk: its value, or its failure. */
export const ItemOutcome = v.union([
  v.strictTuple([v.literal(1), EncodedValue]),
  v.strictTuple([v.literal(0), EncodedError]),
]);
export type ItemOutcome = v.InferOutput<typeof ItemOutcome>;
