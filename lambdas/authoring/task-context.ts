import { epochNow } from "../engine/messages/epoch-clock.ts";
import { currentRun } from "../engine/worker/task-run.ts";
import { FantailError } from "../protocol/errors.ts";
import { taskId } from "../protocol/task-id.ts";

/** What a running task may know of itself. */
export interface TaskContext {
  /** `<job>.<index>`. */
  readonly id: string;
  readonly jobId: string;
  readonly index: number;
  /** 1 for the first. */
  readonly attempt: number;
  readonly engineId: number;
  /** The pool's name and the engine's id: `default-3`. */
  readonly engineName: string;
  /** Raised when the task is aborted or out of time; a second later the task is killed. A task that never asks for it is killed at once. */
  readonly signal: AbortSignal;
  /** A view whose tasks are children of this one: see `LoadBalancedView`. */
  readonly view: object;
  /** Milliseconds until the task is stopped; never negative. */
  timeLeftMs(): number;
}

/**
 * The task that calls it, directly or through whatever it awaits.
 *
 * @throws FantailError outside of a task
 */
export function task(): TaskContext {
  const run = currentRun.getStore();
  if (run === undefined) throw new FantailError("task() works inside a task only");
  const { job, index, attempt, engineId, pool, endsAt } = run.about;
  return {
    id: taskId(job, index),
    jobId: job,
    index,
    attempt,
    engineId,
    engineName: `${pool}-${engineId}`,
    get signal() {
      return run.signal;
    },
    get view() {
      return run.view;
    },
    timeLeftMs: () => Math.max(0, endsAt - epochNow()),
  };
}
