/** How long the tasks of a job run, as far as it has been seen. */
export interface TaskLength {
  /** Mean run, in milliseconds. */
  meanMs: number;
  /** Tasks that the last lease told of: what the next one may grow from. */
  tasks: number;
  /** How many tasks the mean stands for. */
  weight: number;
}

/** Tasks that the mean remembers: enough that one long task among short ones does not swing it, few enough that it follows a change. */
const MEMORY_TASKS = 64;

/** The length after a lease of `tasks` tasks that ran `lastedMs` together. */
export function lengthAfter(before: TaskLength | undefined, lastedMs: number, tasks: number): TaskLength {
  const known = Math.min(before?.weight ?? 0, Math.max(0, MEMORY_TASKS - tasks));
  const weight = known + tasks;
  return { meanMs: ((before?.meanMs ?? 0) * known + lastedMs) / weight, tasks, weight };
}
