import * as v from "valibot";
import { differentVersions, faultIn } from "./answer-fault.ts";
import { ClusterError } from "./errors.ts";
import { JobHeader } from "./job-header.ts";
import { NamedValue } from "./named-value.ts";

/** An outcome page as it is stored, with the job and the bucket that it belongs to. */
export const StoredPage = v.object({ job: v.string(), bucket: v.number(), sk: v.string(), body: v.string() });
export type StoredPage = v.InferOutput<typeof StoredPage>;

/** Index or id ranges, `to` exclusive. */
const Ranges = v.array(v.tuple([v.number(), v.number()]));

/** An engine, as `status` shows it. */
const EngineStatus = v.object({
  id: v.number(),
  pool: v.string(),
  /** Number of tasks in the engine's leases. */
  load: v.number(),
  /** When the engine was last assigned tasks, epoch milliseconds; 0: never. */
  assigned: v.number(),
  /** Whether the engine has an invocation, running or requested. */
  live: v.boolean(),
  /** `draining`: the engine has left its pool and is finishing its tasks. */
  state: v.picklist(["open", "draining"]),
});
export type EngineStatus = v.InferOutput<typeof EngineStatus>;

/** Tasks of one job, as ranges. */
const TaskRanges = v.object({ job: v.string(), ranges: Ranges });
export type TaskRanges = v.InferOutput<typeof TaskRanges>;

/** Queued and held tasks. */
const QueueStatus = v.object({
  /** Tasks ready to run that no engine holds, including retries waiting for their time. */
  unassigned: v.array(TaskRanges),
  /** Tasks waiting for other tasks. */
  waiting: v.array(TaskRanges),
  engines: v.array(v.object({ id: v.number(), tasks: v.array(TaskRanges), completed: v.number() })),
});
export type QueueStatus = v.InferOutput<typeof QueueStatus>;

const ClusterStatus = v.object({
  engines: v.array(EngineStatus),
  /**
   * Number of queue entries: pieces of claimable work, not tasks. The field keeps its old name, because a client and a
   * scheduler of different versions must agree on it.
   */
  hints: v.number(),
  scheme: v.string(),
  hwm: v.union([v.number(), v.literal("adaptive")]),
  /** Whether clients may send code, and the names of the deployed functions. */
  code: v.object({ shipping: v.boolean(), functions: v.pipe(v.array(v.string()), v.readonly()) }),
  pools: v.array(
    v.object({
      name: v.string(),
      count: v.number(),
      memoryMb: v.number(),
      timeoutSeconds: v.number(),
      architecture: v.exactOptional(v.literal("x86_64")),
      /** Ids of the pool's engines, as ranges. */
      ids: Ranges,
    }),
  ),
});
export type ClusterStatus = v.InferOutput<typeof ClusterStatus>;

/**
 * The scheduler's answer. The answer to a rejected message has the type `error`, and the code of one of fantail's
 * errors. Fields that a later version adds are left out.
 */
export const SchedulerAnswer = v.variant("type", [
  /**
   * `standing`: headers of jobs that another submission has created under the same idempotency key; they are unchanged.
   * `again`, in answer to a `tick`: milliseconds after which to send another tick, because missing tasks can then be
   * recovered. `ended`, in answer to a `submit` that is `awaited`: the outcome page of its task. `used`: the
   * scheduler's usage that is not charged to a job yet.
   */
  v.object({
    type: v.literal("ok"),
    standing: v.exactOptional(v.array(JobHeader)),
    again: v.exactOptional(v.number()),
    ended: v.exactOptional(StoredPage),
    used: v.exactOptional(v.array(v.number())),
  }),
  /** Answers `status`, `scale` and `drain`. */
  v.object({ type: v.literal("status"), status: ClusterStatus }),
  v.object({ type: v.literal("queue"), queue: QueueStatus }),
  /** Headers of the new jobs, in the order of the message, followed by those of dependents. */
  v.object({ type: v.literal("resubmitted"), headers: v.array(JobHeader) }),
  /** Answers `pull`: for each name, its value on each engine, in the order of the message; null if there is none. */
  v.object({ type: v.literal("values"), values: v.array(v.array(v.nullable(NamedValue))) }),
  v.object({
    type: v.literal("error"),
    code: v.string(),
    message: v.string(),
    flag: v.exactOptional(v.string()),
    taskId: v.exactOptional(v.string()),
    near: v.exactOptional(v.array(v.string())),
  }),
]);
export type SchedulerAnswer = v.InferOutput<typeof SchedulerAnswer>;

/**
 * Parses the answer of the scheduler function.
 *
 * @throws ClusterError if the answer cannot be read, for example because client and cluster run different versions
 */
export function parseSchedulerAnswer(answer: unknown): SchedulerAnswer {
  const parsed = v.safeParse(SchedulerAnswer, answer, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const fault = faultIn(parsed.issues[0]);
  throw new ClusterError(
    `cannot read the scheduler's answer (${fault}); ${differentVersions("client and cluster")}. The answer: ${JSON.stringify(answer)?.slice(0, 200)}`,
  );
}
