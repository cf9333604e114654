import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { Aborter } from "./aborter.ts";
import type { OutcomePoller } from "./outcome-poller.ts";
import type { ResultPart } from "./result-part.ts";

/** The parts of a client that abort tasks and read their outcomes. */
export interface Aborting {
  aborter: Aborter;
  poller: OutcomePoller;
}

/** The effect of an abort: the id of each task, in one of three lists. */
export interface AbortReport {
  /** Tasks that ended as TaskAborted. */
  aborted: string[];
  /**
   * Tasks running on an engine, which will stop them soon. A task that finishes before the abort arrives keeps its own
   * outcome.
   */
  stopping: string[];
  /** Tasks that ended in another way before the abort reached them. They are unchanged. */
  ended: string[];
}

/**
 * Aborts tasks, then polls once for their outcomes.
 *
 * @throws the error with which the scheduler refuses the abort
 */
export async function abortTasks({ aborter, poller }: Aborting, parts: readonly ResultPart[]): Promise<AbortReport> {
  await aborter.abort(parts);
  await Promise.all(
    parts.map(({ outcomes, from, to }) =>
      poller.pollOnce(outcomes, from, to).catch((error: unknown) => {
        // A job that was never submitted has no outcomes to read.
        if (outcomes.failure === undefined) throw error;
      }),
    ),
  );
  const sets = { aborted: new Set<string>(), stopping: new Set<string>(), ended: new Set<string>() };
  for (const { outcomes, from, to } of parts)
    for (let task = from; task < to; task++) {
      const status = outcomes.final(task)?.status ?? (outcomes.failure && "error");
      const became = status === undefined ? "stopping" : status === "aborted" ? "aborted" : "ended";
      sets[became].add(taskId(outcomes.job, task));
    }
  return { aborted: [...sets.aborted], stopping: [...sets.stopping], ended: [...sets.ended] };
}
