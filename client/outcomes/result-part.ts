import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/** Consecutive tasks of one job. */
export interface ResultPart {
  outcomes: JobOutcomes;
  from: number;
  to: number;
}

/** Appends a task. If it follows the last part in the same job, extends that part. */
export function addTask(parts: ResultPart[], task: ResultPart): void {
  const last = parts.at(-1);
  if (last?.outcomes === task.outcomes && last.to === task.from) last.to = task.to;
  else parts.push(task);
}

/**
 * The ids of all tasks, in order. Built at each call and not kept, because the ids of a large map take more memory than
 * its results.
 */
export function taskIdsOf(parts: readonly ResultPart[]): string[] {
  const ids: string[] = [];
  for (const { outcomes, from, to } of parts)
    for (let task = from; task < to; task++) ids.push(taskId(outcomes.job, task));
  return ids;
}

/** All tasks of a job; none while its header is unknown. */
export function wholePart(outcomes: JobOutcomes): ResultPart {
  return { outcomes, from: 0, to: outcomes.header?.tasks ?? 0 };
}
