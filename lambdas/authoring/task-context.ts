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
