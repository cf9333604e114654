import type { EntryStatus } from "../../lambdas/protocol/outcome-page.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { KnownCluster } from "../cluster/known-cluster.ts";
import { isAttempt, isRefusal } from "../outcomes/attempt-kind.ts";
import type { AttemptRecord } from "../outcomes/attempt-record.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { TaskLinkReader, TaskLinks } from "../outcomes/task-links.ts";
import type { UnawaitedFailures } from "../outcomes/unawaited-failures.ts";
import { attemptError } from "./attempt-error.ts";
import { runCost } from "./result-cost.ts";
import type { ResultItems } from "./result-items.ts";

/** One attempt of a task. */
export interface AttemptMetadata {
  engineId: number | undefined;
  started: Date | undefined;
  completed: Date | undefined;
  status: EntryStatus;
  error: Error | undefined;
  /** The attempt's output to stdout. If its engine died, only the output reported until then. */
  stdout: string;
  stderr: string;
}

/** How, when and where one item ran. The output of a chunk is listed with its first item. */
export interface TaskMetadata {
  taskId: string;
  /** The task id for an apply, the job id for a map. */
  jobId: string;
  /** Index of the item in its result. */
  index: number;
  label: string | undefined;
  /** The outcome; `pending` until there is one. */
  status: EntryStatus | "pending";
  /** When the client submitted the task. */
  submitted: Date | undefined;
  /** When the last attempt started and ended, by the engine's clock. */
  started: Date | undefined;
  completed: Date | undefined;
  /** When the scheduler wrote the outcome. */
  received: Date | undefined;
  engineId: number | undefined;
  enginePool: string | undefined;
  /** All attempts, including the last; empty if the task ended before it started. */
  attempts: AttemptMetadata[];
  /**
   * Ids of the engines that refused the task with UnmetDependency, in order, including the last. A refusal is not an
   * attempt.
   */
  refusedBy: number[];
  /** Ids of the tasks given as `after` and as `follow`. Tasks that wait for the same ids share one list. */
  after: readonly string[];
  follow: readonly string[];
  /** Id of the task that `client.resubmit` created from this one, and of the task that this one was created from. */
  resubmitted: string | undefined;
  resubmitOf: string | undefined;
  /**
   * Price of the run time of the task's attempts, in US dollars. `AsyncResult.cost()` also includes requests, tables,
   * values and idle time. Each item of a chunk has the price of the whole chunk.
   */
  cost: number;
  stdout: string;
  stderr: string;
  error: Error | undefined;
}

const KEYS: Record<keyof TaskMetadata, true> = {
  taskId: true,
  jobId: true,
  index: true,
  label: true,
  status: true,
  submitted: true,
  started: true,
  completed: true,
  received: true,
  engineId: true,
  enginePool: true,
  attempts: true,
  refusedBy: true,
  after: true,
  follow: true,
  resubmitted: true,
  resubmitOf: true,
  cost: true,
  stdout: true,
  stderr: true,
  error: true,
};

/** The keys of a task's metadata. */
export const METADATA_KEYS: readonly (keyof TaskMetadata)[] = Object.keys(KEYS).filter(isKey);

function isKey(name: string): name is keyof TaskMetadata {
  return Object.hasOwn(KEYS, name);
}

/** The parts of a client that describe tasks. */
export interface Describing {
  cluster: KnownCluster;
  links: TaskLinkReader;
  unawaited: UnawaitedFailures;
}

/**
 * Builds the metadata of each item, in order.
 *
 * @param jobId the id of the result, if it is a single task's
 */
export async function allMetadata(
  { cluster, links: reader, unawaited }: Describing,
  items: ResultItems,
  jobId: string | undefined,
): Promise<TaskMetadata[]> {
  const jobs = [...new Set(items.parts.map(({ outcomes }) => outcomes))];
  const links = new Map(
    await Promise.all(jobs.map(async (outcomes) => [outcomes, await reader.of(outcomes)] as const)),
  );
  const all: TaskMetadata[] = [];
  for (const place of items.places()) {
    const { outcomes, task, offset } = place;
    if (outcomes.isFinal(task)) unawaited.read(outcomes.job, task, task + 1);
    const whole = taskMetadata(cluster, outcomes, task, links.get(outcomes)?.(task));
    const error = outcomes.isFinal(task) ? await items.readError(place) : undefined;
    const own = { index: all.length, status: itemStatus(outcomes.final(task)?.status, error), error };
    const output = offset === 0 ? {} : { stdout: "", stderr: "" };
    all.push({
      ...whole,
      jobId: whole.jobId === outcomes.job ? outcomes.job : (jobId ?? whole.jobId),
      ...own,
      ...output,
    });
  }
  return all;
}

/** Builds the metadata of one task from its job's header, outcomes and links. */
export function taskMetadata(
  { pools, prices }: Pick<KnownCluster, "pools" | "prices">,
  outcomes: JobOutcomes,
  task: number,
  links: TaskLinks = { after: [], follow: [], resubmitted: undefined, resubmitOf: undefined },
): TaskMetadata {
  const { header } = outcomes;
  const id = taskId(outcomes.job, task);
  const final = outcomes.final(task);
  const ran = final && isAttempt(final) ? final : undefined;
  const entries = outcomes.attempts(task);
  return {
    taskId: id,
    jobId: header?.shape === "map" ? outcomes.job : id,
    index: task,
    label: header?.label,
    status: final?.status ?? "pending",
    submitted: date(header?.submitted),
    started: date(ran?.started),
    completed: date(ran?.completed),
    received: date(final?.received),
    engineId: ran?.engine,
    enginePool: ran?.pool,
    attempts: entries.filter(isAttempt).map((record) => attempt(record, id)),
    refusedBy: entries.flatMap((record) => (isRefusal(record) && record.engine !== undefined ? [record.engine] : [])),
    ...links,
    stdout: final?.stdout ?? "",
    stderr: final?.stderr ?? "",
    error: final && attemptError(final, id, outcomes.callOf(task)),
    cost: runCost(entries, pools, prices),
  };
}

/**
 * Status of one item. Within a chunk, an item may succeed although its task failed because of another item, and an item
 * may fail although its task succeeded.
 */
function itemStatus(task: EntryStatus | undefined, error: Error | undefined): TaskMetadata["status"] {
  if (task === undefined) return "pending";
  if (error === undefined) return "ok";
  return task === "ok" ? "error" : task;
}

function attempt(record: AttemptRecord, id: string): AttemptMetadata {
  const { engine, started, completed, status } = record;
  return {
    engineId: engine,
    started: date(started),
    completed: date(completed),
    status,
    error: attemptError(record, id),
    stdout: record.stdout,
    stderr: record.stderr,
  };
}

function date(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
