import type { ResultItems } from "../results/result-items.ts";

/** `value`: one task's result, itself; `list`: the results of all items. */
export type ResultShape = "value" | "list";

/** Where a result comes from, once its jobs are known. */
export interface LoadedSource {
  items: ResultItems;
  shape: ResultShape;
}

/** What an AsyncResult is made of. */
export interface ResultSource<T> {
  /** Known at once for what this client submitted, else by reading job rows. */
  loaded: LoadedSource | (() => Promise<LoadedSource>);
  /** Public id: a task id for an apply, a job id for a map. */
  jobId: string | undefined;
  /** Ids as they were asked for, where the jobs are still unknown. */
  taskIds?: readonly string[];
  label?: string | undefined;
  ordered?: boolean | undefined;
  returnExceptions?: boolean | undefined;
  /** Makes the result of the items' values. Default: the list itself. */
  finish?: ((values: unknown[]) => T) | undefined;
}
