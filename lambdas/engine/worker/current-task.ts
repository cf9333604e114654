import type { TaskContext } from "../../authoring/task-context.ts";
import { FantailError } from "../../protocol/fantail-error.ts";
import { taskId } from "../../protocol/task-id.ts";
import { epochNow } from "../messages/epoch-clock.ts";
import { currentRun } from "./task-run.ts";

/**
 * Returns information about the task from which this is called, directly or through anything it awaits.
 *
 * @throws FantailError outside of a task
 */
export function task(): TaskContext {
  const run = currentRun.getStore();
  if (run === undefined)
    throw new FantailError(
      "task() can only be called inside a task: call it in the function that you pass to apply or map",
    );
  const { job, index, attempt, engineId, pool, endsAt } = run.about;
  return {
    id: taskId(job, index),
    jobId: job,
    index,
    attempt,
    engineId,
    engineName: `${pool}-${engineId}`,
    get signal() {
      return run.signal;
    },
    get view() {
      return run.view;
    },
    timeLeftMs: () => Math.max(0, endsAt - epochNow()),
  };
}
