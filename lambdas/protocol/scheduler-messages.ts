import * as v from "valibot";
import { DependencyAtRest, WaitGroup } from "./dependency.ts";
import { JobFlags } from "./flags.ts";
import { CodeUnit } from "./function-reference.ts";
import { NamedValue, ValueName } from "./named-value.ts";
import { SpecPage } from "./spec-page.ts";
import { isJobId, isTaskId } from "./task-id.ts";

/** What a client (or the one-minute rule) asks of the `scheduler` door. The invocation's payload is one of these. */

const JobId = v.pipe(v.string(), v.check(isJobId, "a job id is a ULID"));
export const TaskId = v.pipe(v.string(), v.check(isTaskId, "a task id is <job>.<index>"));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99_999_999));
/** Epoch milliseconds, as far as dates go. */
const Time = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));
const Range = v.pipe(
  v.strictTuple([count, count]),
  v.check(([from, to]) => from <= to, "a range ends before it begins"),
);
/** Ranges in order and apart, none of them empty. */
const Ranges = v.pipe(
  v.array(Range),
  v.minLength(1),
  v.check(
    (ranges) => ranges.every(([from, to], at) => from < to && from >= (ranges[at - 1]?.[1] ?? 0)),
    "ranges must be in order and apart",
  ),
);

/** Where the tasks of a resubmitted job come from. */
const ResubmitOf = v.strictObject({
  job: JobId,
  /**
   * Indexes there, in order: the first is task 0 here. Absent where they are many pieces, since the job's row
   * is to stay small: the link (`resubmittedKey`) names them.
   */
  ranges: v.optional(v.array(Range)),
});

/** What is written of a job once, and never changed. Kept small: each claim rewrites the job row, billed by the kilobyte. */
export const JobHeader = v.strictObject({
  id: JobId,
  /** Tasks. */
  tasks: v.pipe(count, v.minValue(1)),
  /** Items: more than `tasks` when the map is chunked; item bounds by `chunkBounds`. */
  items: v.pipe(count, v.minValue(1)),
  /** `apply`: lone tasks, each a result of its own; `map`: one result with `items` items. */
  shape: v.picklist(["apply", "map"]),
  /** Claims that a task's arguments are a list of its items' argument lists. */
  chunked: v.boolean(),
  flags: JobFlags,
  label: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /** Epoch milliseconds by the client's clock. */
  submitted: Time,
  /** Who submitted: an id drawn by each client. */
  client: v.pipe(v.string(), v.maxLength(64)),
  /** Id of the task that submitted it; the report door writes it, and it names who may read the job's outcomes. */
  parent: v.optional(TaskId),
  /** Tasks in each spec page but the last. */
  pageTasks: v.pipe(count, v.minValue(1), v.maxValue(100)),
  /** Longest spec, in bytes: bounds how many travel in one answer. */
  specBytes: count,
  /** Tasks from this index on stand in `waits` groups or are opened one by one; absent: the cursor gives out all. */
  free: v.optional(count),
  /** Names of pushed values that its tasks refer to. */
  names: v.optional(v.pipe(v.array(ValueName), v.maxLength(100))),
  /** Claims that these tasks were run before, in another job. */
  resubmitOf: v.optional(ResubmitOf),
  /** Of a job whose id stands for an idempotency key: drawn for each submission, so that only one of them is the job's. */
  key: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
});
export type JobHeader = v.InferOutput<typeof JobHeader>;

/**
 * One job, or one part of a job too large for one message. Parts may arrive in any order and more than
 * once; the one with `last: true` is sent when all others were answered, and opens the job.
 */
export const SubmittedJob = v.strictObject({
  header: JobHeader,
  /** Each a spec page: index of its first task, and its content. */
  pages: v.array(v.strictTuple([count, SpecPage])),
  /** Of the tasks in these pages those that wait for others, in order. */
  waits: v.optional(v.array(WaitGroup)),
  /** Claims that with this part the job is complete. */
  last: v.boolean(),
});
export type SubmittedJob = v.InferOutput<typeof SubmittedJob>;

export const SubmitMessage = v.strictObject({
  type: v.literal("submit"),
  /** Code that the jobs refer to and that this client has not sent before. */
  units: v.array(CodeUnit),
  jobs: v.array(SubmittedJob),
});
export type SubmitMessage = v.InferOutput<typeof SubmitMessage>;

/** Aborts tasks: queued ones end at once, running ones through their engine; finished ones are left alone. */
export const AbortMessage = v.strictObject({
  type: v.literal("abort"),
  jobs: v.array(v.strictObject({ job: JobId, ranges: v.array(Range) })),
});
export type AbortMessage = v.InferOutput<typeof AbortMessage>;

/** Runs finished tasks once more, under new ids: each old job's as one new job, whose id the client has drawn. */
export const ResubmitMessage = v.strictObject({
  type: v.literal("resubmit"),
  jobs: v.array(
    v.strictObject({
      id: JobId,
      from: JobId,
      /** Tasks of `from`, in order and apart; absent: all. The first is task 0 of the new job. */
      ranges: v.optional(Ranges),
    }),
  ),
  /** In place of the old jobs' own. */
  flags: JobFlags,
  label: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /** What all of them wait for, in place of what they waited for. Results that they take as arguments are waited for all the same. */
  waits: v.optional(
    v.strictObject({ after: v.optional(v.array(DependencyAtRest)), follow: v.optional(DependencyAtRest) }),
  ),
  /** Claims that tasks which could not run because of these run again too, after them; with the flags that they had. */
  downstream: v.optional(v.boolean()),
  /** Names of flags, `label`, `after` and `follow` among them, that the new jobs are not to have. */
  without: v.array(v.string()),
  submitted: Time,
  client: v.pipe(v.string(), v.maxLength(64)),
});
export type ResubmitMessage = v.InferOutput<typeof ResubmitMessage>;

/** Forgets finished tasks; `ranges` absent: all of the job. Refused as a whole when one has not finished. */
export const PurgeMessage = v.strictObject({
  type: v.literal("purge"),
  jobs: v.array(v.strictObject({ job: JobId, ranges: v.optional(v.array(Range)) })),
});
export type PurgeMessage = v.InferOutput<typeof PurgeMessage>;
const EngineIds = v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(999_999))), v.minLength(1));

/** Gives values names, each on some engines; what stood there under the name is replaced. */
export const PushMessage = v.strictObject({
  type: v.literal("push"),
  units: v.array(CodeUnit),
  values: v.array(v.strictObject({ name: ValueName, engines: EngineIds, value: NamedValue })),
});
export type PushMessage = v.InferOutput<typeof PushMessage>;

/** Asks for the values that names have on some engines. */
export const PullMessage = v.strictObject({ type: v.literal("pull"), names: v.array(ValueName), engines: EngineIds });
export type PullMessage = v.InferOutput<typeof PullMessage>;

/** Sent by a waiting client: acts on what is due, on sessions that never began, and places what can be placed. */
export const TickMessage = v.strictObject({ type: v.literal("tick") });
export type TickMessage = v.InferOutput<typeof TickMessage>;

/** Asks for the engines and their loads, and how many tasks are queued. */
export const StatusMessage = v.strictObject({ type: v.literal("status") });
export type StatusMessage = v.InferOutput<typeof StatusMessage>;

/** Sets how many engines a pool has. */
export const ScaleMessage = v.strictObject({
  type: v.literal("scale"),
  pool: v.string(),
  count: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000)),
});
export type ScaleMessage = v.InferOutput<typeof ScaleMessage>;

/** Takes engines out of their pools: they get no more work, and finish what they hold. */
export const DrainMessage = v.strictObject({ type: v.literal("drain"), engines: EngineIds });
export type DrainMessage = v.InferOutput<typeof DrainMessage>;

/** Asks which tasks are queued, which wait for others, and which each engine holds. */
export const QueueMessage = v.strictObject({ type: v.literal("queue") });
export type QueueMessage = v.InferOutput<typeof QueueMessage>;

/** Sent by the one-minute rule: everything a tick does, leases past their end, and reconciliation of open jobs. */
const SweepMessage = v.strictObject({ type: v.literal("sweep") });

/** Sent by a cloud that starts on the tables of an earlier one, before anything else: nothing that ran before `at` lives any more. */
export const RestartedMessage = v.strictObject({ type: v.literal("restarted"), at: Time });
export type RestartedMessage = v.InferOutput<typeof RestartedMessage>;

export const SchedulerMessage = v.variant("type", [
  SubmitMessage,
  AbortMessage,
  ResubmitMessage,
  PurgeMessage,
  PushMessage,
  PullMessage,
  TickMessage,
  StatusMessage,
  ScaleMessage,
  DrainMessage,
  QueueMessage,
  SweepMessage,
  RestartedMessage,
]);
export type SchedulerMessage = v.InferOutput<typeof SchedulerMessage>;

/** One engine as `status` shows it. */
export interface EngineStatus {
  id: number;
  pool: string;
  /** Tasks in its leases. */
  load: number;
  /** Epoch milliseconds of its last assignment; 0: never. */
  assigned: number;
  /** Claims that an invocation of it is under way or on its way. */
  live: boolean;
  /** `draining`: it has left its pool, and finishes what it holds. */
  state: "open" | "draining";
}

/** Tasks of one job. */
export interface TaskRanges {
  job: string;
  ranges: [from: number, to: number][];
}

/** What is queued and held, by task. */
export interface QueueStatus {
  /** May run, and nobody has them; retries that wait for their time among them. */
  unassigned: TaskRanges[];
  /** Wait for other tasks. */
  waiting: TaskRanges[];
  engines: { id: number; tasks: TaskRanges[]; completed: number }[];
}

export interface ClusterStatus {
  engines: EngineStatus[];
  /** Hints in the queue: how many pieces of claimable work there are, not how many tasks. */
  hints: number;
  scheme: string;
  hwm: number | "adaptive";
  /** Whether clients may send code, and the names of the functions that were bundled at deploy. */
  code: { shipping: boolean; functions: readonly string[] };
  pools: {
    name: string;
    count: number;
    memoryMb: number;
    timeoutSeconds: number;
    /** Ids of its engines, as ranges. */
    ids: [from: number, to: number][];
  }[];
}

/** What the door answers. A refused message is `error`, with fantail's code; the state is as it was. */
export type SchedulerAnswer =
  /**
   * `standing`: headers of jobs that somebody else has submitted under the same idempotency key; they are as they were. `again`, to a
   * `tick`: after how many milliseconds to send another, as something is to be looked for then.
   */
  | { type: "ok"; standing?: JobHeader[]; again?: number }
  /** To `scale` and `drain`, too. */
  | { type: "status"; status: ClusterStatus }
  | { type: "queue"; queue: QueueStatus }
  /** Headers of the new jobs, in the order of the message; behind them those of dependents. */
  | { type: "resubmitted"; headers: JobHeader[] }
  /** To `pull`: of each name the value on each engine, in the order of the message; null where there is none. */
  | { type: "values"; values: (NamedValue | null)[][] }
  | { type: "error"; code: string; message: string; flag?: string; taskId?: string };
