import type { AttemptRecord } from "./attempt-record.ts";

/** Whether an engine refused the task, so that another one got it, or it ended for want of one. A refusal is no attempt. */
export function isRefusal({ status, engine }: Pick<AttemptRecord, "status" | "engine">): boolean {
  // What no engine is left to run has ended on its last refusal's page; what never came to an engine is on one without.
  return status === "unmet" || (status === "impossible" && engine !== undefined);
}

/** Whether the record tells of a run: not of a refusal, nor of a task that ended before it started. */
export function isAttempt(record: Pick<AttemptRecord, "status" | "engine" | "started">): boolean {
  const { status, started } = record;
  if (isRefusal(record)) return false;
  return started !== undefined || !(status === "aborted" || status === "timeout" || status === "impossible");
}
