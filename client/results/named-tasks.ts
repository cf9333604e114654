import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { ClientCore } from "../client-core.ts";
import { abortable } from "../cluster/abortable.ts";
import { AsyncResult, tasksOfResult } from "./async-result.ts";
import { checkedId, idList } from "../flags/checked-id.ts";
import { tasksNamed } from "./get-result.ts";
import type { ResultPart } from "./result-items.ts";
import { waitForTasks } from "./task-wait.ts";
import type { WaitOptions } from "../flags/wait-options.ts";

/** Ids of tasks or jobs, or results. */
export type Tasks = string | AsyncResult<unknown, unknown> | readonly (string | AsyncResult<unknown, unknown>)[];

/**
 * The tasks that ids and results name.
 *
 * @throws InvalidId, UnknownTask
 */
export async function namedTasks(core: ClientCore, tasks: Tasks): Promise<ResultPart[]> {
  const all = tasks instanceof AsyncResult ? [tasks] : idList(tasks);
  const results = all.filter((one): one is AsyncResult<unknown, unknown> => one instanceof AsyncResult);
  const ids = all.filter((one) => !(one instanceof AsyncResult)).map(checkedId);
  const parts = await Promise.all([tasksNamed(core, ids), ...results.map((result) => tasksOfResult(result))]);
  return parts.flat();
}

/** Waits for tasks, by default for all that this client has submitted; resolves to whether all had ended in time. */
export function waitFor(core: ClientCore, tasks: Tasks | undefined, options: WaitOptions): Promise<boolean> {
  return abortable(options.signal, async () => {
    const parts = tasks === undefined ? await outstandingParts(core) : await namedTasks(core, tasks);
    return waitForTasks(core, parts, options);
  });
}

async function outstandingParts(core: ClientCore): Promise<ResultPart[]> {
  const jobs = core.history.outstanding().map(async ({ job, ranges }): Promise<ResultPart[]> => {
    const outcomes = await core.jobs.load(job);
    return ranges.map(([from, to]) => ({ outcomes, from, to }));
  });
  return (await Promise.all(jobs)).flat();
}

/** Task ids by how far they are, each once. */
export interface ResultStatus {
  /** Without an outcome. */
  pending: string[];
  /** With an outcome, whatever it is. */
  completed: string[];
  /** Those of `completed` that did not succeed. */
  failed: string[];
}

/** How far tasks are, by one look. */
export async function resultStatus(core: ClientCore, tasks: Tasks): Promise<ResultStatus> {
  const parts = await namedTasks(core, tasks);
  await waitForTasks(core, parts, { timeoutMs: 0 });
  const sets = { pending: new Set<string>(), completed: new Set<string>(), failed: new Set<string>() };
  for (const { outcomes, from, to } of parts)
    for (let task = from; task < to; task++) {
      const id = taskId(outcomes.job, task);
      sets[outcomes.isFinal(task) ? "completed" : "pending"].add(id);
      if (outcomes.isFinal(task) && !outcomes.isOk(task)) {
        core.unawaited.read(outcomes.job, task, task + 1);
        sets.failed.add(id);
      }
    }
  return { pending: [...sets.pending], completed: [...sets.completed], failed: [...sets.failed] };
}
