import type { EntryStatus } from "../lambdas/protocol/outcome-page.ts";
import { taskId } from "../lambdas/protocol/task-id.ts";
import type { AttemptRecord } from "./attempt-record.ts";
import { attemptError, type ItemPlace, type ResultItems } from "./result-items.ts";

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
  stdout: string;
  stderr: string;
  error: Error | undefined;
}

/** The metadata of one item. */
export async function itemMetadata(
  items: ResultItems,
  place: ItemPlace,
  index: number,
  jobId: string | undefined,
): Promise<TaskMetadata> {
  const { outcomes, task, offset } = place;
  const id = taskId(outcomes.job, task);
  const final = outcomes.final(task);
  const error = final && (await items.readError(place));
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
    attempts: outcomes.attempts(task).map((record) => attempt(record, id)),
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
