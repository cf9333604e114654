import * as v from "valibot";

const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99_999_999));

/** Tasks [from, to) of a job that is depended on; an empty job id names the job of the depending task itself. */
export const ParentRange = v.strictTuple([v.string(), index, index]);
export type ParentRange = v.InferOutput<typeof ParentRange>;

/**
 * A dependency as it travels and rests: on all or any of some tasks, met by those that succeeded, failed, or either.
 * Failed is whatever ended otherwise than by success. Semantics as ipyparallel's `Dependency`.
 */
export const DependencyAtRest = v.strictObject({
  on: v.pipe(v.array(ParentRange), v.minLength(1)),
  all: v.boolean(),
  success: v.boolean(),
  failure: v.boolean(),
});
export type DependencyAtRest = v.InferOutput<typeof DependencyAtRest>;

/**
 * Tasks [from, to) of a job that wait for the same: for each of `after`, and for `follow`, which besides says
 * where they may run: on an engine that itself meets it.
 */
export const WaitGroup = v.strictObject({
  from: index,
  to: index,
  after: v.array(DependencyAtRest),
  follow: v.optional(DependencyAtRest),
  /** Claims that a task of the group takes the result of one that it waits for as an argument. */
  takes: v.optional(v.boolean()),
  /** Why it depends on what cannot be depended on, once the scheduler has checked it: such tasks end at once. */
  invalid: v.optional(v.string()),
});
export type WaitGroup = v.InferOutput<typeof WaitGroup>;
