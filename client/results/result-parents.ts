import type { ParentRange } from "../../lambdas/protocol/dependency.ts";
import type { ResultReference } from "../../lambdas/protocol/spec-page.ts";
import { parseTaskId } from "../../lambdas/protocol/task-id.ts";
import { PAST_ANY_TASK, ResultItem } from "../flags/any-result.ts";
import type { ResultSource } from "../outcomes/result-source.ts";
import type { LoadedResult } from "./result-items.ts";

/**
 * The tasks of a result, as a dependency. Sends no request. For a bare job id, the number of tasks is unknown here, so
 * the range is cut to the job's size later.
 */
export function parentRanges(
  loaded: LoadedResult | undefined,
  { taskIds, jobId }: Pick<ResultSource<unknown>, "taskIds" | "jobId">,
): ParentRange[] {
  if (loaded) return loaded.items.parts.map(({ outcomes, from, to }): ParentRange => [outcomes.job, from, to]);
  if (taskIds)
    return taskIds.map((id): ParentRange => {
      const { job, index } = parseTaskId(id);
      return [job, index, index + 1];
    });
  return jobId === undefined ? [] : [[jobId, 0, PAST_ANY_TASK]];
}

/**
 * Makes a reference to a result's value for a task's arguments. For a bare job id, the scheduler later finds out
 * whether the value is a list.
 */
export function resultReference(
  loaded: LoadedResult | undefined,
  source: Pick<ResultSource<unknown>, "taskIds" | "jobId" | "finish">,
): ResultReference {
  const result = parentRanges(loaded, source);
  const list = loaded ? loaded.shape === "list" : source.taskIds ? source.taskIds.length !== 1 : undefined;
  return { result, ...(list === undefined ? {} : { list }), ...(source.finish ? { joined: true } : {}) };
}

/**
 * The items of a result as arguments; `undefined` if their number is unknown, or if the value is not a plain list of
 * the items.
 */
export function resultItems(
  cluster: string | undefined,
  loaded: LoadedResult | undefined,
  { finish }: Pick<ResultSource<unknown>, "finish">,
): ResultItem[] | undefined {
  if (loaded?.shape !== "list" || finish) return undefined;
  return Array.from(loaded.items.places(), ({ outcomes, task, offset }) => {
    const item = outcomes.header?.chunked ? { item: offset } : {};
    return new ResultItem(cluster, { result: [[outcomes.job, task, task + 1]], list: false, ...item });
  });
}
