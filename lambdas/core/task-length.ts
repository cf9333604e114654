/** Measured run time of a job's tasks. */
export interface TaskLength {
  /** Mean run time, in milliseconds. */
  meanMs: number;
  /**
   * Number of tasks that the size of the next lease may rely on: those of the last report, or all that the mean
   * represents once those are `MEMORY_TASKS`. So a lease that was cut short behind a long task does not shrink the next
   * ones.
   */
  reliable: number;
  /** Number of tasks that the mean represents. */
  weight: number;
}

/**
 * Number of recent tasks that the mean covers, unless the last lease had more. It is large enough that one long task
 * among short ones barely changes the mean, and small enough that the mean follows a trend.
 */
const MEMORY_TASKS = 64;

/** Updates the mean after a lease of `tasks` tasks that ran for `lastedMs` in total. */
export function lengthAfter(before: TaskLength | undefined, lastedMs: number, tasks: number): TaskLength {
  const known = Math.min(before?.weight ?? 0, Math.max(0, MEMORY_TASKS - tasks));
  const weight = known + tasks;
  return {
    meanMs: ((before?.meanMs ?? 0) * known + lastedMs) / weight,
    reliable: weight < MEMORY_TASKS ? tasks : weight,
    weight,
  };
}
