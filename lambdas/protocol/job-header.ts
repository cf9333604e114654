import * as v from "valibot";
import { JobFlags } from "./flags.ts";
import { JobId, TaskCount, TaskId, TaskRange, Time } from "./message-fields.ts";
import { ValueName } from "./named-value.ts";
import { TraceFields } from "./trace-fields.ts";

/** The origin of a resubmitted job's tasks. */
const ResubmitOf = v.strictObject({
  job: JobId,
  /**
   * Indexes in the original job, in order: the first becomes task 0 of this job. Absent if there are many ranges, to
   * keep the job's row small: the link (`resubmittedKey`) then lists them.
   */
  ranges: v.optional(v.array(TaskRange)),
});

/**
 * The constant part of a job, written once. Kept small: each claim rewrites the job's row, and writes are billed by the
 * kilobyte.
 */
export const JobHeader = v.strictObject({
  id: JobId,
  /** Number of tasks. */
  tasks: v.pipe(TaskCount, v.minValue(1)),
  /** Number of items: more than `tasks` if the map is chunked; `chunkBounds` gives the items of each task. */
  items: v.pipe(TaskCount, v.minValue(1)),
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
  /** Id of the task that submitted the job. The report function writes it. It determines who may read the outcomes. */
  parent: v.optional(TaskId),
  /** Number of tasks in each spec page but the last. */
  pageTasks: v.pipe(TaskCount, v.minValue(1), v.maxValue(100)),
  /** Size of the largest spec, in bytes. It limits how many specs fit into one answer. */
  specBytes: TaskCount,
  /**
   * Index of the first task that is not claimed from the cursor: this task and all later ones are claimed when they are
   * released from waiting. Absent: all tasks are claimed from the cursor.
   */
  free: v.optional(TaskCount),
  /** Names of pushed values that the job's tasks refer to. */
  names: v.optional(v.pipe(v.array(ValueName), v.maxLength(100))),
  /** Set if these tasks ran before, in another job. */
  resubmitOf: v.optional(ResubmitOf),
  /** The scheduler's usage that was not charged to any job yet when it wrote this job's row. Set by the scheduler. */
  used: v.optional(v.array(v.number())),
  /**
   * For a job with an idempotency key: a digest of its content, which distinguishes submissions of the same work from
   * others under the same key. Random if an older client submitted the job.
   */
  key: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
  ...TraceFields,
});
export type JobHeader = v.InferOutput<typeof JobHeader>;
