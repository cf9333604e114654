import type { ParentRange } from "../../lambdas/protocol/dependency.ts";
import type { ResultReference } from "../../lambdas/protocol/spec-page.ts";
import { LazyPromise } from "./lazy-promise.ts";

/** End of the index range for a job whose size is unknown. The scheduler cuts the range to the job's size. */
export const PAST_ANY_TASK = 99_999_999;

/** Key of a result's `KnownResult`. */
export const KNOWN: unique symbol = Symbol("fantail.known");

/**
 * The facts known about a result when it is passed to a call as an argument, a dependency or a sequence. Reading them
 * sends no request.
 */
export interface KnownResult {
  /** Id of the cluster of its tasks; undefined inside a task. */
  readonly cluster: string | undefined;
  /** The result's tasks, as dependencies. For a result made from a bare job id, these are all tasks of the job. */
  readonly parents: readonly ParentRange[];
  /** The result as a task's argument: the engine replaces it by its value. */
  readonly reference: ResultReference;
  /** The items of a map's result, each as an argument of its own; undefined while their number is unknown. */
  readonly items: readonly ResultItem[] | undefined;
}

/** Base class of `AsyncResult`: the result of an apply or a map, of any type. */
export abstract class AnyResult<T = unknown> extends LazyPromise<T> {
  /** @internal */
  abstract readonly [KNOWN]: KnownResult;
}

/** One item of a map's result, to be passed as an argument. */
export class ResultItem {
  readonly cluster: string | undefined;
  readonly reference: ResultReference;

  constructor(cluster: string | undefined, reference: ResultReference) {
    this.cluster = cluster;
    this.reference = reference;
  }
}
