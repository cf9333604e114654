import type { JobOutcomes } from "./outcome-store.ts";
import { type ResultPart, wholePart } from "./result-part.ts";

/** `value`: the value of one task; `list`: the list of all items' values. */
export type ResultShape = "value" | "list";

/** The tasks of a result, once its jobs are known. */
export interface LoadedSource {
  parts: readonly ResultPart[];
  shape: ResultShape;
}

/** The tasks of a result and how to build its value, whichever process submitted them. */
export interface ResultSource<T> {
  /** The tasks. Known from the start if this client submitted them, otherwise read from the jobs' rows. */
  loaded: LoadedSource | (() => Promise<LoadedSource>);
  /** Public id: a task id for an apply, a job id for a map; undefined for a result that is not one whole job or task. */
  jobId: string | undefined;
  /** The requested task ids, while the jobs are still unknown. */
  taskIds?: readonly string[];
  label?: string | undefined;
  ordered?: boolean | undefined;
  returnExceptions?: boolean | undefined;
  /** Builds the value from the items' values. Default: the list itself. */
  finish?: ((values: unknown[]) => T) | undefined;
}

/** All tasks of a job with a known header, in the job's own shape: a value for a single apply, a list otherwise. */
export function wholeJob(outcomes: JobOutcomes): LoadedSource {
  const { header } = outcomes;
  const isLone = header?.shape === "apply" && header.tasks === 1;
  return { parts: [wholePart(outcomes)], shape: isLone ? "value" : "list" };
}
