import type { ReportedEntry } from "../../protocol/report-messages.ts";
import type { TaskResult } from "../messages/worker-messages.ts";
import { latenessOf, type RunLimits } from "./kill-at-timeout.ts";
import type { StopCause } from "./stop-cause.ts";

/** A task's report, without its index. */
export type TaskOutcome = Omit<ReportedEntry, "index">;

/**
 * Decides the outcome of a task that has ended: the worker's result or, if the task was late or its AbortSignal was
 * raised before it ended, the cause for stopping it.
 *
 * @param stop why the task was asked to stop; undefined if it was not
 */
export function judgedOutcome(result: TaskResult, stop: StopCause | undefined, limits: RunLimits): TaskOutcome {
  const { position: _, blobs: __, items: ___, stopped, ...outcome } = result;
  const { started, completed, phases, stdout, stderr } = outcome;
  const late = latenessOf(started, completed, limits);
  const cause = stopped ? (stop ?? late) : late;
  return cause ? { ...cause, started, completed, ...(phases && { phases }), ...output(stdout, stderr) } : outcome;
}

function output(stdout: string | undefined, stderr: string | undefined): { stdout?: string; stderr?: string } {
  return { ...(stdout === undefined ? {} : { stdout }), ...(stderr === undefined ? {} : { stderr }) };
}
