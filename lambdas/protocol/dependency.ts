import * as v from "valibot";

const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99_999_999));

/** Tasks [from, to) of a parent job. An empty job id means the dependent task's own job. */
export const ParentRange = v.strictTuple([v.string(), index, index]);
export type ParentRange = v.InferOutput<typeof ParentRange>;

/**
 * An encoded dependency on all or any of the tasks `on`. `success` and `failure` say which outcomes meet it; every
 * outcome other than success counts as a failure. The semantics are those of ipyparallel's `Dependency`.
 */
export const DependencyAtRest = v.strictObject({
  on: v.pipe(v.array(ParentRange), v.minLength(1)),
  all: v.boolean(),
  success: v.boolean(),
  failure: v.boolean(),
});
export type DependencyAtRest = v.InferOutput<typeof DependencyAtRest>;

/**
 * Tasks [from, to) of a job with the same dependencies. They wait for each of `after` and for `follow`, and run only on
 * an engine that ran tasks of `follow`.
 */
export const WaitGroup = v.strictObject({
  from: index,
  to: index,
  after: v.array(DependencyAtRest),
  follow: v.optional(DependencyAtRest),
  /** Whether a task of the group takes the result of a parent as an argument. */
  takes: v.optional(v.boolean()),
  /** Why a dependency is invalid, set when the scheduler has checked it. Tasks of an invalid group end at once. */
  invalid: v.optional(v.string()),
});
export type WaitGroup = v.InferOutput<typeof WaitGroup>;
