/** A running task's information about itself, as returned by `task()`. */
export interface TaskContext {
  /** The task's id: `<job>.<index>`. */
  readonly id: string;
  /** Id of the job that the task belongs to. */
  readonly jobId: string;
  /** The task's index in its job, from 0. */
  readonly index: number;
  /** The attempt's number, from 1. */
  readonly attempt: number;
  /** Id of the engine that runs the task. */
  readonly engineId: number;
  /** The pool's name and the engine's id: `default-3`. */
  readonly engineName: string;
  /**
   * Aborts when the task is aborted or out of time. The task then has up to one second to end before it is killed. A
   * task that never reads this property is killed at once.
   */
  readonly signal: AbortSignal;
  /** A view whose tasks are children of this task; see `LoadBalancedView`. */
  readonly view: object;
  /** Milliseconds until the task is stopped; never negative. */
  timeLeftMs(): number;
}
