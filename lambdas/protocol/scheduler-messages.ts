import * as v from "valibot";
import { DependencyAtRest, WaitGroup } from "./dependency.ts";
import { JobFlags } from "./flags.ts";
import { CodeUnit } from "./function-reference.ts";
import { JobHeader } from "./job-header.ts";
import { JobId, SortedRanges, TaskCount, TaskRange, Time } from "./message-fields.ts";
import { NamedValue, ValueName } from "./named-value.ts";
import { SpecPage } from "./spec-page.ts";

/** Messages from clients and the one-minute rule to the scheduler function. An invocation's payload is one of these. */

/**
 * One job, or one part of a job too large for one message. Parts may arrive in any order and more than once. The part
 * with `last: true` is sent once all others have been answered, and opens the job.
 */
export const SubmittedJob = v.strictObject({
  header: JobHeader,
  /** Spec pages: index of the first task, and the content. */
  pages: v.array(v.strictTuple([TaskCount, SpecPage])),
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
  /**
   * Whether the client waits for the message's only task, which is probably short, and for nothing else. The answer may
   * then come after the task has ended, with its outcome.
   */
  awaited: v.optional(v.boolean()),
});
export type SubmitMessage = v.InferOutput<typeof SubmitMessage>;

/**
 * Aborts tasks. Those that no engine holds end at once, or when they are claimed. Running ones end through their
 * engine, and finished ones keep their outcome.
 */
export const AbortMessage = v.strictObject({
  type: v.literal("abort"),
  jobs: v.array(v.strictObject({ job: JobId, ranges: v.array(TaskRange) })),
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
      ranges: v.optional(SortedRanges),
    }),
  ),
  /** Flags that override those of the old jobs. */
  flags: JobFlags,
  label: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /**
   * Dependencies of all the tasks, replacing the old ones. The tasks still wait for results that are their arguments.
   */
  waits: v.optional(
    v.strictObject({ after: v.optional(v.array(DependencyAtRest)), follow: v.optional(DependencyAtRest) }),
  ),
  /** Whether tasks that could not run because of these tasks also run again, after them and with their old flags. */
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
  jobs: v.array(v.strictObject({ job: JobId, ranges: v.optional(v.array(TaskRange)) })),
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

/**
 * Sent while a client or a task waits: acts on everything that is due, recovers lost sessions and tasks, and places
 * queued work.
 */
export const TickMessage = v.strictObject({
  type: v.literal("tick"),
  /** Whether something is due as far as the sender knows. If not, an engine may send the tick later. */
  due: v.optional(v.boolean()),
});
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

/** Removes engines from their pools: they finish the tasks that they hold, and get no more. */
export const DrainMessage = v.strictObject({ type: v.literal("drain"), engines: EngineIds });
export type DrainMessage = v.InferOutput<typeof DrainMessage>;

/** Requests which tasks are queued, which wait for others, and which each engine holds. */
export const QueueMessage = v.strictObject({ type: v.literal("queue") });
export type QueueMessage = v.InferOutput<typeof QueueMessage>;

/** Sent by the one-minute rule: does all that a tick does, and compares every open job with its rows. */
const SweepMessage = v.strictObject({ type: v.literal("sweep") });

/** Sent first by a cloud that starts with the tables of an earlier one: no invocation from before `at` is alive. */
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
