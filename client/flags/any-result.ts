import type { ParentRange } from "../../lambdas/protocol/dependency.ts";
import type { ResultReference } from "../../lambdas/protocol/spec-page.ts";
import { LazyPromise } from "./lazy-promise.ts";

/** Task indexes of a job of which only the id is known reach to here; the scheduler cuts them to what there is. */
export const PAST_ANY_TASK = 99_999_999;

/** Where a result keeps what calls that are given it need to know. */
export const KNOWN: unique symbol = Symbol("fantail.known");

/** What a call needs to know of a result that it is given: as an argument, a dependency or a sequence. Nothing is asked for. */
export interface KnownResult {
  /** The cluster that has its tasks; undefined inside a task. */
  readonly cluster: string | undefined;
  /** Its tasks, as something to depend on. For a result made from a bare job id: whatever tasks the job has. */
  readonly parents: readonly ParentRange[];
  /** The result as an argument: the engine is given its value. */
  readonly reference: ResultReference;
  /** The items of a map's result, each as an argument of its own; undefined while it is not known how many there are. */
  readonly items: readonly ResultItem[] | undefined;
}

/** The result of an apply or a map, whatever its type: every `AsyncResult` is one. */
export abstract class AnyResult<T = unknown> extends LazyPromise<T> {
  /** @internal */
  abstract readonly [KNOWN]: KnownResult;
}

/** One item of a map's result, as an argument. */
export class ResultItem {
  readonly cluster: string | undefined;
  readonly reference: ResultReference;

  constructor(cluster: string | undefined, reference: ResultReference) {
    this.cluster = cluster;
    this.reference = reference;
  }
}
