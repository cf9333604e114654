import type { ResultItems } from "./result-items.ts";

/** When the first task was submitted, in epoch milliseconds by the submitting client's clock. */
export function earliestSubmission(items: ResultItems): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (const { outcomes } of items.parts) earliest = Math.min(earliest, outcomes.header?.submitted ?? earliest);
  return earliest;
}

/** Milliseconds from the first submission to the last outcome; 0 for a result without tasks. */
export function wallTime(items: ResultItems): number {
  if (items.tasks === 0) return 0;
  let latest = Number.NEGATIVE_INFINITY;
  for (const { outcomes, from, to } of items.parts)
    for (let task = from; task < to; task++) latest = Math.max(latest, outcomes.final(task)?.received ?? latest);
  return latest - earliestSubmission(items);
}

/** Sum of the milliseconds that the tasks' last attempts ran. A task that never started counts 0. */
export function serialTime(items: ResultItems): number {
  let sum = 0;
  for (const { outcomes, from, to } of items.parts)
    for (let task = from; task < to; task++) {
      const final = outcomes.final(task);
      if (final?.started !== undefined && final.completed !== undefined) sum += final.completed - final.started;
    }
  return sum;
}

/** The recorded times of a task. */
export type TaskTime = "submitted" | "started" | "completed" | "received";

/** Which of the tasks' times to take: the earliest or the latest. */
export type TimePick = "min" | "max";

/**
 * Options of `timedelta`: for each end of the span, which of the tasks' times to take.
 *
 * @example
 * // How long the first task waited:
 * await result.timedelta("submitted", "started", { endPick: "min" });
 */
export interface TimeSpan {
  /** Which of the tasks' `start` times begins the span. Default: `min`, the earliest. */
  startPick?: TimePick | undefined;
  /** Which of the tasks' `end` times ends the span. Default: `max`, the latest. */
  endPick?: TimePick | undefined;
}

/** Milliseconds from one recorded time to another over all tasks; NaN if no task has one of them. */
export function timedelta(
  items: ResultItems,
  start: TaskTime,
  end: TaskTime,
  { startPick = "min", endPick = "max" }: TimeSpan,
): number {
  return picked(items, end, endPick) - picked(items, start, startPick);
}

function picked(items: ResultItems, time: TaskTime, pick: TimePick): number {
  let best = Number.NaN;
  for (const { outcomes, from, to } of items.parts)
    for (let task = from; task < to; task++) {
      const value = time === "submitted" ? outcomes.header?.submitted : outcomes.final(task)?.[time];
      if (value === undefined) continue;
      if (Number.isNaN(best) || (pick === "min" ? value < best : value > best)) best = value;
    }
  return best;
}
