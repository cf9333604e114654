import type { AttemptRecord } from "./attempt-record.ts";

/**
 * Whether the record is a refusal by an engine. The task then went to another engine, or failed because none was left.
 * A refusal is not an attempt.
 */
export function isRefusal({ status, engine }: Pick<AttemptRecord, "status" | "engine">): boolean {
  // If the last engine refuses a task, the page with its `impossible` entry names that engine. If the task never
  // reached an engine, the page names none.
  return status === "unmet" || (status === "impossible" && engine !== undefined);
}

/** Whether the record is a real attempt: not a refusal, nor the end of a task that never started. */
export function isAttempt(record: Pick<AttemptRecord, "status" | "engine" | "started">): boolean {
  const { status, started } = record;
  if (isRefusal(record)) return false;
  return started !== undefined || !(status === "aborted" || status === "timeout" || status === "impossible");
}
