import * as v from "valibot";
import { AttemptPhases } from "./attempt-phases.ts";
import { EncodedValue, Hash } from "./function-reference.ts";
import { JobId, Secret, TaskId } from "./message-fields.ts";
import { EncodedError, EntryStatus } from "./outcome-page.ts";
import { AbortMessage, SubmitMessage, TickMessage } from "./scheduler-messages.ts";

/** Messages from engines to the report function, which is the only function that engines may invoke. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const amount = v.pipe(v.number(), v.minValue(0));
const who = {
  engine: count,
  /** A random text that the scheduler chooses for one invocation. */
  session: Secret,
  /**
   * A random text that the invocation chooses and keeps in memory. `begin` binds the session to it, so that a duplicate
   * delivery of the event is refused.
   */
  nonce: Secret,
};
/** Maximum length of a lease token, in characters. */
export const TOKEN_CHARS = 16_000;

/** Maximum length of a lease's link, in characters. */
const LINK_CHARS = 1000;

/** Hashes of the code units that the engine has cached, most recent first. */
const have = v.pipe(v.array(Hash), v.maxLength(64));

export const BeginMessage = v.strictObject({
  type: v.literal("begin"),
  ...who,
  have,
  /** Whether the event carried the first lease, so that the answer can leave it out. */
  granted: v.optional(v.boolean()),
});
export type BeginMessage = v.InferOutput<typeof BeginMessage>;

/** One attempt, as reported by the engine. The scheduler adds the attempt number and whether it is final. */
export const ReportedEntry = v.strictObject({
  index: count,
  status: EntryStatus,
  value: v.optional(EncodedValue),
  error: v.optional(EncodedError),
  started: v.optional(v.number()),
  completed: v.optional(v.number()),
  phases: v.optional(AttemptPhases),
  stdout: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
  stderr: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
});
export type ReportedEntry = v.InferOutput<typeof ReportedEntry>;

/**
 * Reports the outcome of a lease. Each task of the lease is in at most one of `entries`, `returned` and `running`; a
 * task that is in none counts as returned.
 */
export const ReportMessage = v.strictObject({
  type: v.literal("report"),
  ...who,
  /** Sequence number of the lease within the session, from 1. */
  seq: count,
  entries: v.array(ReportedEntry),
  /** Tasks that did not start. They return to their place in the queue, without spending an attempt. */
  returned: v.array(count),
  /**
   * Tasks that have started and not finished, and unstarted tasks that stay with the engine. They become the session's
   * next lease, and the answer brings no other tasks unless `more` asks for them.
   */
  running: v.array(count),
  /** Whether the invocation ends after this report, so that it needs no next lease. */
  leaving: v.boolean(),
  /**
   * The event's token, if the session has not begun. The report then begins the session and reports its first lease.
   */
  token: v.optional(v.pipe(v.string(), v.maxLength(TOKEN_CHARS))),
  /**
   * Only with `running`: whether to add more tasks to the lease, to be run after the running ones, so that the engine
   * need not wait for its next lease.
   */
  more: v.optional(v.boolean()),
  /** The `link` that came with the lease. */
  link: v.optional(v.pipe(v.string(), v.maxLength(LINK_CHARS))),
  /** The engine's usage since its last report: milliseconds, and S3 puts and gets. */
  used: v.optional(v.strictTuple([amount, amount, amount])),
  have,
});
export type ReportMessage = v.InferOutput<typeof ReportMessage>;

/** Sent during long tasks to report their output so far. The answer lists tasks to abort. */
export const HeartbeatMessage = v.strictObject({
  type: v.literal("heartbeat"),
  ...who,
  seq: count,
  /** All output so far of the running tasks that have written more since the last heartbeat. */
  output: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          index: count,
          stdout: v.pipe(v.string(), v.maxLength(20_000)),
          stderr: v.pipe(v.string(), v.maxLength(20_000)),
        }),
      ),
      v.maxLength(16),
    ),
  ),
});
export type HeartbeatMessage = v.InferOutput<typeof HeartbeatMessage>;

/** Requests code units that did not fit the last answer. */
export const FetchMessage = v.strictObject({ type: v.literal("fetch"), ...who, units: v.array(Hash) });
export type FetchMessage = v.InferOutput<typeof FetchMessage>;

/**
 * Parks the tasks that the lease still holds: they have started and await tasks of their own. From then on `settle`
 * reports each of them, and the session takes other leases meanwhile.
 */
export const ParkMessage = v.strictObject({
  type: v.literal("park"),
  ...who,
  seq: count,
  /** Whether the invocation takes no more leases, because too little of its time is left. */
  leaving: v.boolean(),
  have,
});
export type ParkMessage = v.InferOutput<typeof ParkMessage>;

/** Requests a lease for a session that holds only parked tasks. If the session no longer holds any tasks, it ends. */
export const NextMessage = v.strictObject({ type: v.literal("next"), ...who, have });
export type NextMessage = v.InferOutput<typeof NextMessage>;

/** Reports how a parked task ended. */
export const SettleMessage = v.strictObject({ type: v.literal("settle"), ...who, job: JobId, entry: ReportedEntry });
export type SettleMessage = v.InferOutput<typeof SettleMessage>;

/**
 * A task's request to the scheduler: submits tasks, aborts tasks that a task of the session or one of its descendants
 * submitted, or sends a tick.
 */
export const AskMessage = v.strictObject({
  type: v.literal("ask"),
  ...who,
  /** Id of the requesting task, which the session must hold. */
  parent: TaskId,
  message: v.variant("type", [SubmitMessage, AbortMessage, TickMessage]),
});
export type AskMessage = v.InferOutput<typeof AskMessage>;

/** Pages of a bucket with first indexes in [first, past) and sort keys after `after`. */
const PageRange = v.strictObject({ bucket: count, first: count, past: count, after: v.optional(v.string()) });

/** Maximum number of page ranges in one `read`, besides its first. */
export const MAX_ALSO = 99;

/** Reads the row of a job that is a descendant of the session's tasks, or outcome pages of one of its buckets. */
export const ReadMessage = v.strictObject({
  type: v.literal("read"),
  ...who,
  job: JobId,
  /** Absent: the job's row. */
  pages: v.optional(PageRange),
  /** With `pages`: further ranges to read, of this or other jobs. If one of the jobs is refused, so is the message. */
  also: v.optional(v.pipe(v.array(v.strictObject({ job: JobId, pages: PageRange })), v.maxLength(MAX_ALSO))),
});
export type ReadMessage = v.InferOutput<typeof ReadMessage>;

export const EngineMessage = v.variant("type", [
  BeginMessage,
  ReportMessage,
  HeartbeatMessage,
  FetchMessage,
  ParkMessage,
  NextMessage,
  SettleMessage,
  AskMessage,
  ReadMessage,
]);
export type EngineMessage = v.InferOutput<typeof EngineMessage>;
