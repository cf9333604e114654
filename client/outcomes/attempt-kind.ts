import type { AttemptRecord } from "./attempt-record.ts";

/**
 * Whether an engine refused the task. It then went to another engine, or failed because none was left. A refusal is not
 * an attempt.
 */
export function isRefusal({ status, engine }: Pick<AttemptRecord, "status" | "engine">): boolean {
  // If no engine is left, the task's entry is on the page of its last refusal, which names an engine. If it never
  // reached an engine, its page names none.
  return status === "unmet" || (status === "impossible" && engine !== undefined);
}

/** Whether the record is a real attempt: not a refusal, nor the end of a task that never started. */
export function isAttempt(record: Pick<AttemptRecord, "status" | "engine" | "started">): boolean {
  const { status, started } = record;
  if (isRefusal(record)) return false;
  return started !== undefined || !(status === "aborted" || status === "timeout" || status === "impossible");
}
