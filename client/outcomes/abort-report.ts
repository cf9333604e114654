import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { Aborter } from "./aborter.ts";
import type { OutcomePoller } from "./outcome-poller.ts";
import type { ResultPart } from "./result-part.ts";

/** What aborts tasks, and looks at what became of them. */
export interface Aborting {
  aborter: Aborter;
  poller: OutcomePoller;
}

/** What an abort came to: ids of its tasks, each once. */
export interface AbortReport {
  /** Have ended as TaskAborted. */
  aborted: string[];
  /** Run on an engine, which ends them soon; one that is faster than the abort still ends by itself. */
  stopping: string[];
  /** Had ended otherwise, or did before the abort reached them: they stay as they are. */
  ended: string[];
}

/**
 * Aborts tasks, and looks once at what became of them.
 *
 * @throws what the scheduler refuses
 */
export async function abortTasks({ aborter, poller }: Aborting, parts: readonly ResultPart[]): Promise<AbortReport> {
  await aborter.abort(parts);
  await Promise.all(
    parts.map(({ outcomes, from, to }) =>
      poller.look(outcomes, from, to).catch((error: unknown) => {
        // What was never submitted has no outcome to look for.
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
