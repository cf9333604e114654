import type { JobOutcomes } from "./outcome-store.ts";
import { type ResultPart, wholePart } from "./result-part.ts";

/** `value`: one task's result, itself; `list`: the results of all items. */
export type ResultShape = "value" | "list";

/** Where a result comes from, once its jobs are known. */
export interface LoadedSource {
  parts: readonly ResultPart[];
  shape: ResultShape;
}

/** What a result is made of, whoever submitted its tasks. */
export interface ResultSource<T> {
  /** Known at once for what this client submitted, otherwise read from job rows. */
  loaded: LoadedSource | (() => Promise<LoadedSource>);
  /** Public id: a task id for an apply, a job id for a map. */
  jobId: string | undefined;
  /** Task ids as they were asked for, while the jobs are still unknown. */
  taskIds?: readonly string[];
  label?: string | undefined;
  ordered?: boolean | undefined;
  returnExceptions?: boolean | undefined;
  /** Makes the result from the items' values. Default: the list itself. */
  finish?: ((values: unknown[]) => T) | undefined;
}

/** All tasks of a job whose header is known, in the job's own shape: a lone apply is a value, anything else a list. */
export function wholeJob(outcomes: JobOutcomes): LoadedSource {
  const { header } = outcomes;
  const isLone = header?.shape === "apply" && header.tasks === 1;
  return { parts: [wholePart(outcomes)], shape: isLone ? "value" : "list" };
}
