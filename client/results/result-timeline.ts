import type { EntryStatus } from "../../lambdas/protocol/outcome-page.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { ResultItems } from "./result-items.ts";

/** One attempt of a task as a bar in a chart: `engineId` is the row, `start` and `end` the extent. */
export interface TimelineBar {
  /** The task's id. */
  taskId: string;
  /** Number of the attempt, counted from 1. */
  attempt: number;
  /** The engine that ran the attempt. */
  engineId: number | undefined;
  /** Name of the engine's pool. */
  enginePool: string | undefined;
  /** When the attempt started, by the engine's clock. */
  start: Date;
  /** When the attempt ended, by the engine's clock. */
  end: Date;
  /** How the attempt ended. */
  status: EntryStatus;
}

/** All attempts that have ended, ordered by start. Tasks that never started have no bar. */
export function timeline(items: ResultItems): TimelineBar[] {
  const bars: TimelineBar[] = [];
  for (const { outcomes, from, to } of items.parts)
    for (let task = from; task < to; task++)
      for (const { attempt, engine, pool, started, completed, status } of outcomes.attempts(task)) {
        if (started === undefined || completed === undefined) continue;
        const extent = { start: new Date(started), end: new Date(completed) };
        const id = taskId(outcomes.job, task);
        bars.push({ taskId: id, attempt, engineId: engine, enginePool: pool, ...extent, status });
      }
  return bars.sort((a, b) => a.start.getTime() - b.start.getTime());
}
