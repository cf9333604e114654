import * as v from "valibot";
import type { FunctionReference } from "./function-reference.ts";
import { type CodeUnit, EncodedValue, Hash } from "./function-reference.ts";
import { EncodedError, EntryStatus } from "./outcome-page.ts";
import type { Row } from "./rows.ts";
import { AbortMessage, type SchedulerAnswer, SubmitMessage, TaskId, TickMessage } from "./scheduler-messages.ts";
import type { LeasedArguments, ResultValues } from "./spec-page.ts";
import { isJobId } from "./task-id.ts";

/** What an engine asks of the `report` door, the only function it may invoke, and what it is answered. */

const Secret = v.pipe(v.string(), v.regex(/^[0-9a-zA-Z_-]{16,64}$/));
const JobId = v.pipe(v.string(), v.check(isJobId, "a job id is a ULID"));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const who = {
  engine: count,
  /** Drawn by the scheduler for one invocation. */
  session: Secret,
  /** Drawn by the invocation in memory; `begin` binds it, so that a second delivery of the event is refused. */
  nonce: Secret,
};
/** Hashes of the code units that the engine holds, most recent first. */
const have = v.pipe(v.array(Hash), v.maxLength(64));

export const BeginMessage = v.strictObject({
  type: v.literal("begin"),
  ...who,
  have,
  /** Claims that the event carried the first lease: the answer need not. */
  granted: v.optional(v.boolean()),
});
export type BeginMessage = v.InferOutput<typeof BeginMessage>;

/** One attempt as the engine tells it. The scheduler adds the attempt number and whether it is final. */
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
 * Tells what a lease brought. Each task of the lease is in exactly one of `entries`, `returned` and `running`;
 * what is missing counts as returned.
 */
export const ReportMessage = v.strictObject({
  type: v.literal("report"),
  ...who,
  /** Number of the lease within the session, from 1. */
  seq: count,
  entries: v.array(ReportedEntry),
  /** Not started: they go back to the front of the queue, no attempt spent. */
  returned: v.array(count),
  /** Started and not done (or kept): they are the next lease of this session, and the answer brings no others. */
  running: v.array(count),
  /** Claims that the invocation ends after this report: no next lease, please. */
  leaving: v.boolean(),
  /** With `running`: asks for tasks to go on with when that ends, so that the engine need not wait for them. */
  more: v.optional(v.boolean()),
  have,
});
export type ReportMessage = v.InferOutput<typeof ReportMessage>;

/** Sent while a task runs long: tells what it writes, and the answer carries aborts. */
export const HeartbeatMessage = v.strictObject({
  type: v.literal("heartbeat"),
  ...who,
  seq: count,
  /** What tasks that run have written so far, where that is more than was told before. */
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

/** Asks for code units that an answer had no room for. */
export const FetchMessage = v.strictObject({ type: v.literal("fetch"), ...who, units: v.array(Hash) });
export type FetchMessage = v.InferOutput<typeof FetchMessage>;

/**
 * Parks the tasks that the lease still holds: they have started and wait for tasks of their own. From then on each is
 * told of by `settle`, and the session takes other leases beside them.
 */
export const ParkMessage = v.strictObject({
  type: v.literal("park"),
  ...who,
  seq: count,
  /** Claims that the invocation takes no more leases, as too little of it is left. */
  leaving: v.boolean(),
  have,
});
export type ParkMessage = v.InferOutput<typeof ParkMessage>;

/** Asks for the lease of a session that holds parked tasks only; where it holds nothing any more, the session ends. */
export const NextMessage = v.strictObject({ type: v.literal("next"), ...who, have });
export type NextMessage = v.InferOutput<typeof NextMessage>;

/** Tells how a parked task ended. */
export const SettleMessage = v.strictObject({ type: v.literal("settle"), ...who, job: JobId, entry: ReportedEntry });
export type SettleMessage = v.InferOutput<typeof SettleMessage>;

/** What a task asks of the scheduler: submits tasks, or aborts those that it or one of its descendants submitted. */
export const AskMessage = v.strictObject({
  type: v.literal("ask"),
  ...who,
  /** Id of the task that asks, which the session must hold. */
  parent: TaskId,
  message: v.variant("type", [SubmitMessage, AbortMessage, TickMessage]),
});
export type AskMessage = v.InferOutput<typeof AskMessage>;

/** Reads the row of a job that is a descendant of the session's tasks, or outcome pages of one of its buckets. */
export const ReadMessage = v.strictObject({
  type: v.literal("read"),
  ...who,
  job: JobId,
  /** Absent: the job's row. First indexes in [first, past), sort keys after `after`. */
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

/** Lambda's record of a failed asynchronous invocation, as far as fantail reads it. Lambda may drop payloads, so all is optional but the request. */
export const OnFailureRecord = v.looseObject({
  requestContext: v.looseObject({ functionArn: v.string(), condition: v.string() }),
  requestPayload: v.looseObject({ engine: count, session: Secret }),
  responsePayload: v.optional(v.unknown()),
});
export type OnFailureRecord = v.InferOutput<typeof OnFailureRecord>;

/** A place that no task of a lease has: a task that needs it is given back unstarted. */
export const NEVER = -1;

/** One task of a grant: index, attempt (from 1), position of its function in `functions`, arguments, and places of those before it that must have succeeded. */
export type GrantedTask = [index: number, attempt: number, fn: number, args: LeasedArguments, needs?: number[]];

/** Pushed values by name, as they are on the engine; of a function its position in `functions`. What is not defined is not among them. */
export type GrantedNames = [name: string, value: EncodedValue | { fn: number }][];

/** A lease as the engine receives it. */
export interface Grant {
  job: string;
  seq: number;
  /** Run them in this order. */
  tasks: GrantedTask[];
  /** Results of other tasks that are arguments of these, by place. */
  results?: ResultValues[];
  functions: FunctionReference[];
  /** Code that the engine does not hold, as far as there was room; the rest by `fetch`. */
  units: CodeUnit[];
  chunked: boolean;
  /** What its tasks refer to by name; absent when they do not. */
  names?: GrantedNames;
  /** The lease's aimed time: past twice this, report what is done and return what is not started. */
  aimMs: number;
  /** Claims that unstarted tasks stay here: a partial report names them as `running`, too. Set where the high-water mark is explicit. */
  keep?: boolean;
  /** Claims that the engine may ask for more while the last of these runs. */
  ahead?: boolean;
  /** Longest run of each task; absent: as long as the invocation lasts. */
  runTimeoutMs?: number;
  /** Epoch milliseconds at which the tasks must have ended. */
  deadlineAt?: number;
}

/** The payload of the asynchronous invocation that starts a session. `grant` is the first lease, good once `begin` is answered with `began`. */
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

/** Index ranges, `to` excluded. */
type Ranges = [from: number, to: number][];

/** Parked tasks that are to be stopped, by job. */
export type ParkedAborts = { job: string; ranges: Ranges }[];

export type EngineAnswer =
  /** To `begin`: run `grant`, or where it is absent the one that came with the event. */
  | { type: "began"; grant?: Grant }
  /** To `report`: the next lease. */
  | { type: "lease"; grant: Grant }
  /** To `report` with `running`: go on; the lease now has this number and holds those tasks only. */
  | { type: "continue"; seq: number /** To `more`: tasks that the lease now holds besides. */; grant?: Grant }
  /** To `report`: nothing to do; end the invocation. */
  | { type: "idle" }
  /** To `heartbeat`: tasks of the running lease to stop: not started ones end as aborted, running ones after a grace. */
  | { type: "alive"; aborting: Ranges; parked?: ParkedAborts }
  /** To `park` and `next`, and to a `report` of the last lease: nothing to run beside the parked tasks. Ask again. */
  | { type: "waiting"; seq: number; parked?: ParkedAborts }
  /** To `settle`: it is noted. */
  | { type: "settled" }
  /** To `ask`: what the scheduler answered. */
  | { type: "asked"; answer: SchedulerAnswer }
  /** To `read` of a job's row. */
  | { type: "row"; row?: Row }
  /** To `read` of outcome pages; with `more` there are others after the last one. */
  | { type: "pages"; pages: { sk: string; body: string }[]; more: boolean }
  | { type: "units"; units: CodeUnit[] }
  /** The session or lease is not yours, or no longer: stop at once, write nothing. */
  | { type: "refused"; message: string };
