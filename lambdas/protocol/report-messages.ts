import * as v from "valibot";
import type { FunctionReference } from "./function-reference.ts";
import { type CodeUnit, EncodedValue, Hash } from "./function-reference.ts";
import { EncodedError, EntryStatus } from "./outcome-page.ts";
import type { Row } from "./rows.ts";
import { AbortMessage, type SchedulerAnswer, SubmitMessage, TaskId, TickMessage } from "./scheduler-messages.ts";
import type { LeasedArguments, ResultValues } from "./spec-page.ts";
import { isJobId } from "./task-id.ts";

/** What engines ask of the `report` function, the only one they may invoke, and its answers. */

const Secret = v.pipe(v.string(), v.regex(/^[0-9a-zA-Z_-]{16,64}$/));
const JobId = v.pipe(v.string(), v.check(isJobId, "a job id is a ULID"));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const who = {
  engine: count,
  /** Random, chosen by the scheduler for one invocation. */
  session: Secret,
  /**
   * Random, chosen by the invocation and kept in memory. `begin` binds it, so that a duplicate delivery of the event is
   * refused.
   */
  nonce: Secret,
};
/** Hashes of the code units that the engine has cached, most recent first. */
const have = v.pipe(v.array(Hash), v.maxLength(64));

export const BeginMessage = v.strictObject({
  type: v.literal("begin"),
  ...who,
  have,
  /** Whether the event carried the first lease, so that the answer need not. */
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
  stdout: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
  stderr: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
});
export type ReportedEntry = v.InferOutput<typeof ReportedEntry>;

/**
 * Reports the outcome of a lease. Each task of the lease is in exactly one of `entries`, `returned` and `running`;
 * missing tasks count as returned.
 */
export const ReportMessage = v.strictObject({
  type: v.literal("report"),
  ...who,
  /** Sequence number of the lease within the session, from 1. */
  seq: count,
  entries: v.array(ReportedEntry),
  /** Tasks that did not start: they return to the front of the queue, without spending an attempt. */
  returned: v.array(count),
  /**
   * Tasks that have started and not finished, or are kept. They become the session's next lease, and the answer brings
   * no other tasks unless `more` asks for them.
   */
  running: v.array(count),
  /** Whether the invocation ends after this report, so that it needs no next lease. */
  leaving: v.boolean(),
  /** With `running`: asks for tasks to run after those, so that the engine need not wait for them. */
  more: v.optional(v.boolean()),
  have,
});
export type ReportMessage = v.InferOutput<typeof ReportMessage>;

/** Sent during long tasks: reports what they have written; the answer brings aborts. */
export const HeartbeatMessage = v.strictObject({
  type: v.literal("heartbeat"),
  ...who,
  seq: count,
  /** What running tasks have written so far, for those with new output since the last report. */
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

/** Requests code units for which an answer had no room. */
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

/** Requests a lease for a session that holds only parked tasks. If it no longer holds any, the session ends. */
export const NextMessage = v.strictObject({ type: v.literal("next"), ...who, have });
export type NextMessage = v.InferOutput<typeof NextMessage>;

/** Reports how a parked task ended. */
export const SettleMessage = v.strictObject({ type: v.literal("settle"), ...who, job: JobId, entry: ReportedEntry });
export type SettleMessage = v.InferOutput<typeof SettleMessage>;

/** A task's request to the scheduler: submits tasks, or aborts tasks that it or one of its descendants submitted. */
export const AskMessage = v.strictObject({
  type: v.literal("ask"),
  ...who,
  /** Id of the requesting task, which the session must hold. */
  parent: TaskId,
  message: v.variant("type", [SubmitMessage, AbortMessage, TickMessage]),
});
export type AskMessage = v.InferOutput<typeof AskMessage>;

/** Reads the row of a job that is a descendant of the session's tasks, or outcome pages of one of its buckets. */
export const ReadMessage = v.strictObject({
  type: v.literal("read"),
  ...who,
  job: JobId,
  /** Absent: the job's row. Otherwise pages with first indexes in [first, past) and sort keys after `after`. */
  pages: v.optional(v.strictObject({ bucket: count, first: count, past: count, after: v.optional(v.string()) })),
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

/**
 * Lambda's record of a failed asynchronous invocation, as far as fantail reads it. Lambda may drop payloads, so only
 * the request is required.
 */
export const OnFailureRecord = v.looseObject({
  requestContext: v.looseObject({ functionArn: v.string(), condition: v.string() }),
  requestPayload: v.looseObject({ engine: count, session: Secret }),
  responsePayload: v.optional(v.unknown()),
});
export type OnFailureRecord = v.InferOutput<typeof OnFailureRecord>;

/** A position that no task of a lease has: a task that needs it is returned unstarted. */
export const NEVER = -1;

/**
 * One task of a grant: index, attempt (from 1), position of its function in `functions`, arguments, and positions of
 * earlier tasks that must have succeeded.
 */
export type GrantedTask = [index: number, attempt: number, fn: number, args: LeasedArguments, needs?: number[]];

/** The engine's pushed values by name; for a function, its position in `functions`. Undefined names are left out. */
export type GrantedNames = [name: string, value: EncodedValue | { fn: number }][];

/** A lease as the engine receives it. */
export interface Grant {
  job: string;
  seq: number;
  /** Run them in this order. */
  tasks: GrantedTask[];
  /** Results of other tasks that are arguments of these, by position. */
  results?: ResultValues[];
  functions: FunctionReference[];
  /** Code that the engine has not cached, as far as it fits; the rest by `fetch`. */
  units: CodeUnit[];
  chunked: boolean;
  /** The values that its tasks refer to by name; absent if there are none. */
  names?: GrantedNames;
  /**
   * The lease's target duration, in milliseconds. After twice this, report what is done and return what has not
   * started.
   */
  aimMs: number;
  /**
   * Whether unstarted tasks stay here, so that a partial report lists them as `running` too. Set if the high-water mark
   * is explicit.
   */
  keep?: boolean;
  /** Whether the engine may ask for more while the last of these runs. */
  ahead?: boolean;
  /** Maximum run time of each task; absent: as long as the invocation lasts. */
  runTimeoutMs?: number;
  /** Deadline of the tasks, epoch milliseconds. */
  deadlineAt?: number;
}

/**
 * The payload of the asynchronous invocation that starts a session. `grant` is the first lease, which is valid once
 * `begin` is answered with `began`.
 */
export interface EngineEvent {
  engine: number;
  session: string;
  /** Name of the function to report to. */
  door: string;
  grant?: Grant;
}
export const EngineEvent = v.looseObject({
  engine: count,
  session: Secret,
  door: v.string(),
  grant: v.optional(v.unknown()),
});

/** Index ranges, `to` exclusive. */
type Ranges = [from: number, to: number][];

/** Parked tasks to stop, by job. */
export type ParkedAborts = { job: string; ranges: Ranges }[];

export type EngineAnswer =
  /** To `begin`: run `grant` or, if absent, the one that came with the event. */
  | { type: "began"; grant?: Grant }
  /** To `report`: the next lease. */
  | { type: "lease"; grant: Grant }
  /** To `report` with `running`: continue; the lease now has this number and holds only those tasks. */
  | { type: "continue"; seq: number /** To `more`: tasks that the lease now also holds. */; grant?: Grant }
  /** To `report`: no work; end the invocation. */
  | { type: "idle" }
  /**
   * To `heartbeat`: tasks of the running lease to stop. Unstarted ones end as aborted, running ones after a grace
   * period.
   */
  | { type: "alive"; aborting: Ranges; parked?: ParkedAborts }
  /** To `park` and `next`, and to a `report` of the last lease: no work besides the parked tasks. Ask again. */
  | { type: "waiting"; seq: number; parked?: ParkedAborts }
  /** To `settle`: recorded. */
  | { type: "settled" }
  /** To `ask`: the scheduler's answer. */
  | { type: "asked"; answer: SchedulerAnswer }
  /** To `read` of a job's row. */
  | { type: "row"; row?: Row }
  /** To `read` of outcome pages; `more`: whether there are others after the last one. */
  | { type: "pages"; pages: { sk: string; body: string }[]; more: boolean }
  | { type: "units"; units: CodeUnit[] }
  /** The session or lease is not, or no longer, yours: stop at once, write nothing. */
  | { type: "refused"; message: string };
