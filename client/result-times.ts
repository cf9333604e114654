import type { ResultItems } from "./result-items.ts";

/** When the first of the tasks was submitted, epoch milliseconds by the submitting client's clock. */
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

/** Milliseconds that the last attempts ran, summed up. A task that never started counts nothing. */
export function serialTime(items: ResultItems): number {
  let sum = 0;
  for (const { outcomes, from, to } of items.parts)
    for (let task = from; task < to; task++) {
      const final = outcomes.final(task);
      if (final?.started !== undefined && final.completed !== undefined) sum += final.completed - final.started;
    }
  return sum;
}
