import * as v from "valibot";
import { DependencyAtRest, WaitGroup } from "./dependency.ts";
import { JobFlags } from "./flags.ts";
import { CodeUnit } from "./function-reference.ts";
import { NamedValue, ValueName } from "./named-value.ts";
import { SpecPage } from "./spec-page.ts";
import { isJobId, isTaskId } from "./task-id.ts";

/**
 * What clients (and the one-minute rule) ask of the `scheduler` function. The payload of an invocation is one of these.
 */

const JobId = v.pipe(v.string(), v.check(isJobId, "a job id is a ULID"));
export const TaskId = v.pipe(v.string(), v.check(isTaskId, "a task id is <job>.<index>"));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99_999_999));
/** Epoch milliseconds, within the range of `Date`. */
const Time = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));
const Range = v.pipe(
  v.strictTuple([count, count]),
  v.check(([from, to]) => from <= to, "a range ends before it begins"),
);
/** Ranges, sorted and disjoint, none of them empty. */
const Ranges = v.pipe(
  v.array(Range),
  v.minLength(1),
  v.check(
    (ranges) => ranges.every(([from, to], at) => from < to && from >= (ranges[at - 1]?.[1] ?? 0)),
    "ranges must be in order and apart",
  ),
);

/** The origin of a resubmitted job's tasks. */
const ResubmitOf = v.strictObject({
  job: JobId,
  /**
   * Indexes in that job, in order: the first is task 0 here. Absent if there are many ranges, to keep the job's row
   * small: the link (`resubmittedKey`) then lists them.
   */
  ranges: v.optional(v.array(Range)),
});

/**
 * The constant part of a job, written once. Kept small: each claim rewrites the job's row, which is billed by the
 * kilobyte.
 */
export const JobHeader = v.strictObject({
  id: JobId,
  /** Number of tasks. */
  tasks: v.pipe(count, v.minValue(1)),
  /** Number of items: more than `tasks` if the map is chunked; `chunkBounds` gives the items of each task. */
  items: v.pipe(count, v.minValue(1)),
  /** `apply`: separate tasks, each with a result of its own; `map`: one result with `items` items. */
  shape: v.picklist(["apply", "map"]),
  /** Whether a task's arguments are a list of its items' argument lists. */
  chunked: v.boolean(),
  flags: JobFlags,
  label: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /** Epoch milliseconds by the client's clock. */
  submitted: Time,
  /** The submitting client: a random id that each client chooses. */
  client: v.pipe(v.string(), v.maxLength(64)),
  /** Id of the task that submitted it. Written by the report function; determines who may read the job's outcomes. */
  parent: v.optional(TaskId),
  /** Number of tasks in each spec page but the last. */
  pageTasks: v.pipe(count, v.minValue(1), v.maxValue(100)),
  /** Size of the largest spec, in bytes: limits how many fit one answer. */
  specBytes: count,
  /**
   * Tasks from this index on are in `waits` groups or are released one by one; absent: all are claimed from the cursor.
   */
  free: v.optional(count),
  /** Names of pushed values that its tasks refer to. */
  names: v.optional(v.pipe(v.array(ValueName), v.maxLength(100))),
  /** Set if these tasks ran before, in another job. */
  resubmitOf: v.optional(ResubmitOf),
  /**
   * For a job whose id comes from an idempotency key: random per submission, so that only one submission becomes the
   * job.
   */
  key: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
});
export type JobHeader = v.InferOutput<typeof JobHeader>;

/**
 * One job, or one part of a job too large for one message. Parts may arrive in any order and more than once. The part
 * with `last: true` is sent once all others have been answered, and opens the job.
 */
export const SubmittedJob = v.strictObject({
  header: JobHeader,
  /** Spec pages: index of the first task, and the content. */
  pages: v.array(v.strictTuple([count, SpecPage])),
  /** Wait groups of the tasks in these pages, in order. */
  waits: v.optional(v.array(WaitGroup)),
  /** Whether this part completes the job. */
  last: v.boolean(),
});
export type SubmittedJob = v.InferOutput<typeof SubmittedJob>;

export const SubmitMessage = v.strictObject({
  type: v.literal("submit"),
  /** Code that the jobs refer to and this client has not sent before. */
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

/** Runs finished tasks again under new ids: those of each old job as one new job, whose id the client chooses. */
export const ResubmitMessage = v.strictObject({
  type: v.literal("resubmit"),
  jobs: v.array(
    v.strictObject({
      id: JobId,
      from: JobId,
      /** Tasks of `from`, sorted and disjoint; absent: all. The first becomes task 0 of the new job. */
      ranges: v.optional(Ranges),
    }),
  ),
  /** Replace the old jobs' own flags. */
  flags: JobFlags,
  label: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /** Dependencies of all the tasks, replacing the old ones. Results taken as arguments are waited for regardless. */
  waits: v.optional(
    v.strictObject({ after: v.optional(v.array(DependencyAtRest)), follow: v.optional(DependencyAtRest) }),
  ),
  /** Whether to also run again, afterwards and with their old flags, tasks that could not run because of these. */
  downstream: v.optional(v.boolean()),
  /** Names of flags that the new jobs do not inherit; may include `label`, `after` and `follow`. */
  without: v.array(v.string()),
  submitted: Time,
  client: v.pipe(v.string(), v.maxLength(64)),
});
export type ResubmitMessage = v.InferOutput<typeof ResubmitMessage>;

/** Purges finished tasks; `ranges` absent: all tasks of the job. Refused as a whole if a task has not finished. */
export const PurgeMessage = v.strictObject({
  type: v.literal("purge"),
  jobs: v.array(v.strictObject({ job: JobId, ranges: v.optional(v.array(Range)) })),
});
export type PurgeMessage = v.InferOutput<typeof PurgeMessage>;
const EngineIds = v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(999_999))), v.minLength(1));

/** Assigns values to names on some engines, replacing any existing ones. */
export const PushMessage = v.strictObject({
  type: v.literal("push"),
  units: v.array(CodeUnit),
  values: v.array(v.strictObject({ name: ValueName, engines: EngineIds, value: NamedValue })),
});
export type PushMessage = v.InferOutput<typeof PushMessage>;

/** Requests the values of names on some engines. */
export const PullMessage = v.strictObject({ type: v.literal("pull"), names: v.array(ValueName), engines: EngineIds });
export type PullMessage = v.InferOutput<typeof PullMessage>;

/** Sent by a waiting client: processes what is due and sessions that never began, and places what can be placed. */
export const TickMessage = v.strictObject({ type: v.literal("tick") });
export type TickMessage = v.InferOutput<typeof TickMessage>;

/** Requests the engines with their loads, and the queue's size. */
export const StatusMessage = v.strictObject({ type: v.literal("status") });
export type StatusMessage = v.InferOutput<typeof StatusMessage>;

/** Sets the number of engines in a pool. */
export const ScaleMessage = v.strictObject({
  type: v.literal("scale"),
  pool: v.string(),
  count: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000)),
});
export type ScaleMessage = v.InferOutput<typeof ScaleMessage>;

/** Removes engines from their pools: they get no more work, and finish what they hold. */
export const DrainMessage = v.strictObject({ type: v.literal("drain"), engines: EngineIds });
export type DrainMessage = v.InferOutput<typeof DrainMessage>;

/** Requests which tasks are queued, which wait for others, and which each engine holds. */
export const QueueMessage = v.strictObject({ type: v.literal("queue") });
export type QueueMessage = v.InferOutput<typeof QueueMessage>;

/** Sent by the one-minute rule: does all that a tick does, ends expired leases, and reconciles open jobs. */
const SweepMessage = v.strictObject({ type: v.literal("sweep") });

/**
 * Sent by a cloud that starts on the tables of an earlier one, before anything else: nothing that ran before `at` is
 * alive.
 */
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

/** An engine, as `status` shows it. */
export interface EngineStatus {
  id: number;
  pool: string;
  /** Number of tasks in its leases. */
  load: number;
  /** Time of its last assignment, epoch milliseconds; 0: never. */
  assigned: number;
  /** Whether it has an invocation, running or requested. */
  live: boolean;
  /** `draining`: it has left its pool and is finishing what it holds. */
  state: "open" | "draining";
}

/** Tasks of one job, as ranges. */
export interface TaskRanges {
  job: string;
  ranges: [from: number, to: number][];
}

/** Queued and held tasks. */
export interface QueueStatus {
  /** Tasks ready to run that no engine holds, including retries waiting for their time. */
  unassigned: TaskRanges[];
  /** Tasks waiting for other tasks. */
  waiting: TaskRanges[];
  engines: { id: number; tasks: TaskRanges[]; completed: number }[];
}

export interface ClusterStatus {
  engines: EngineStatus[];
  /** Number of queue entries: pieces of claimable work, not tasks. */
  hints: number;
  scheme: string;
  hwm: number | "adaptive";
  /** Whether clients may send code, and the names of the deployed functions. */
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

/** The scheduler's answer. A refused message gives `error`, with fantail's code, and changes nothing. */
export type SchedulerAnswer =
  /**
   * `standing`: headers of jobs that another submission has created under the same idempotency key; they are unchanged.
   * `again`, to a `tick`: milliseconds after which to send another, because something is due then.
   */
  | { type: "ok"; standing?: JobHeader[]; again?: number }
  /** Also to `scale` and `drain`. */
  | { type: "status"; status: ClusterStatus }
  | { type: "queue"; queue: QueueStatus }
  /** Headers of the new jobs, in the order of the message, followed by those of dependents. */
  | { type: "resubmitted"; headers: JobHeader[] }
  /** To `pull`: for each name, its value on each engine, in the order of the message; null if there is none. */
  | { type: "values"; values: (NamedValue | null)[][] }
  | { type: "error"; code: string; message: string; flag?: string; taskId?: string };
