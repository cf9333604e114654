import type { AttemptRecord } from "./attempt-record.ts";

/**
 * Whether an engine refused the task, so that another got it or it failed for lack of one. A refusal is not an attempt.
 */
export function isRefusal({ status, engine }: Pick<AttemptRecord, "status" | "engine">): boolean {
  // A task that failed because no engine is left is on the page of its last refusal, which names an engine; one that
  // never reached an engine is on a page without.
  return status === "unmet" || (status === "impossible" && engine !== undefined);
}

/** Whether the record is a real attempt: not a refusal, nor the end of a task that never started. */
export function isAttempt(record: Pick<AttemptRecord, "status" | "engine" | "started">): boolean {
  const { status, started } = record;
  if (isRefusal(record)) return false;
  return started !== undefined || !(status === "aborted" || status === "timeout" || status === "impossible");
}
