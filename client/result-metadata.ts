import type { EntryStatus } from "../lambdas/protocol/outcome-page.ts";
import { taskId } from "../lambdas/protocol/task-id.ts";
import type { AttemptRecord } from "./attempt-record.ts";
import type { ClientCore } from "./client-core.ts";
import { runCost } from "./result-cost.ts";
import { attemptError, type ItemPlace, type ResultItems } from "./result-items.ts";
import type { TaskDependencies } from "./task-dependencies.ts";

/** One run of a task. */
export interface AttemptMetadata {
  engineId: number | undefined;
  started: Date | undefined;
  completed: Date | undefined;
  status: EntryStatus;
  error: Error | undefined;
}

/** What is known of one item: how, when and where it ran. Of a chunk's items, the first holds the chunk's output. */
export interface TaskMetadata {
  taskId: string;
  /** The task id for an apply, the job's for a map. */
  jobId: string;
  /** Position of the item in its result. */
  index: number;
  label: string | undefined;
  /** `pending` until there is an outcome. */
  status: EntryStatus | "pending";
  /** When the client submitted it. */
  submitted: Date | undefined;
  /** When the last attempt began and ended, by the engine's clock. */
  started: Date | undefined;
  completed: Date | undefined;
  /** When the scheduler wrote the outcome. */
  received: Date | undefined;
  engineId: number | undefined;
  enginePool: string | undefined;
  /** Every run, the last included. */
  attempts: AttemptMetadata[];
  /** Engines that refused it as unmet, in order; a refusal is no run. */
  refusedBy: number[];
  /** Ids of the tasks that it waited for, and of those whose engine it followed. Tasks that wait for the same share one list. */
  after: readonly string[];
  follow: readonly string[];
  /** Id of the task that was made of it by `client.resubmit`, and of the task that it was made of. */
  resubmitted: string | undefined;
  resubmitOf: string | undefined;
  /** US dollars for its runs: an estimate from below, as `AsyncResult.cost()`. Of a chunk's items each has its chunk's. */
  cost: number;
  stdout: string;
  stderr: string;
  error: Error | undefined;
}

/**
 * The metadata of each item, in order.
 *
 * @param jobId the id of the result, where that is one task's
 */
export async function allMetadata(
  core: Pick<ClientCore, "pools" | "dependencies">,
  items: ResultItems,
  jobId: string | undefined,
): Promise<TaskMetadata[]> {
  const jobs = [...new Set(items.parts.map(({ outcomes }) => outcomes))];
  const dependencies = new Map(
    await Promise.all(jobs.map(async (outcomes) => [outcomes, await core.dependencies.of(outcomes)] as const)),
  );
  const all: TaskMetadata[] = [];
  for (const place of items.places()) {
    const { outcomes, task } = place;
    const { after = [], follow = [] } = dependencies.get(outcomes)?.(task) ?? {};
    all.push({
      ...(await itemMetadata(items, place, all.length, jobId)),
      ...{ after, follow },
      cost: runCost(outcomes.attempts(task), core.pools),
    });
  }
  return all;
}

/** What a task's outcomes and header tell of one item. */
async function itemMetadata(
  items: ResultItems,
  place: ItemPlace,
  index: number,
  jobId: string | undefined,
): Promise<Omit<TaskMetadata, keyof TaskDependencies | "cost">> {
  const { outcomes, task, offset } = place;
  const id = taskId(outcomes.job, task);
  const final = outcomes.final(task);
  const error = final && (await items.readError(place));
  const entries = outcomes.attempts(task);
  return {
    taskId: id,
    jobId: outcomes.header?.shape === "map" ? outcomes.job : (jobId ?? id),
    index,
    label: outcomes.header?.label,
    status: itemStatus(final?.status, error),
    submitted: date(outcomes.header?.submitted),
    started: date(final?.started),
    completed: date(final?.completed),
    received: date(final?.received),
    engineId: final?.engine,
    enginePool: final?.pool,
    attempts: entries.filter(({ status }) => status !== "unmet").map((record) => attempt(record, id)),
    refusedBy: entries.flatMap(({ status, engine }) => (status === "unmet" && engine !== undefined ? [engine] : [])),
    resubmitted: undefined,
    resubmitOf: undefined,
    stdout: offset === 0 ? (final?.stdout ?? "") : "",
    stderr: offset === 0 ? (final?.stderr ?? "") : "",
    error,
  };
}

/** An item of a chunk may have succeeded where another failed the task, and the other way round. */
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
  };
}

function date(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
