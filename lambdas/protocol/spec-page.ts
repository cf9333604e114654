import * as v from "valibot";
import { ParentRange } from "./dependency.ts";
import { EncodedValue, FunctionReference } from "./function-reference.ts";
import { isStored } from "./stored-value.ts";

/** Number of tasks in a bucket: the partition that holds their spec and outcome pages. */
export const BUCKET_TASKS = 1000;

/** Maximum span of indexes in one lease, hence in one outcome page. */
export const LEASE_SPAN = 1000;

/** Maximum size of a spec page, in bytes of its body. */
export const SPEC_PAGE_BYTES = 200_000;

/** Allowed numbers of tasks in a spec page: divisors of a bucket's size, so that no page is in two buckets. */
const SPEC_PAGE_TASKS = [100, 50, 25, 20, 10, 5, 4, 2, 1] as const;

/**
 * The result of tasks that a task takes as an argument: the values of the tasks in `result`, which have ended when the
 * argument is needed. `list`: whether to pass the list of their items' values or the single value; absent: by the job's
 * shape. `joined`: whether to concatenate the lists of a parallel function's pieces.
 */
export const ResultReference = v.strictObject({
  result: v.array(ParentRange),
  list: v.optional(v.boolean()),
  joined: v.optional(v.boolean()),
  /** The position of the item whose value to pass, if the result is that of a single task that ran a chunk of a map. */
  item: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});
export type ResultReference = v.InferOutput<typeof ResultReference>;

/** An argument that contains results, at any depth: the encoded argument, in which numbers stand for the results. */
export const HoldingArgument = v.strictObject({ value: EncodedValue, results: v.array(ResultReference) });
export type HoldingArgument = v.InferOutput<typeof HoldingArgument>;

/** A result as the engine receives it: encoded values or, in `refused`, the reason why there are none. */
export const ResultValues = v.strictObject({
  values: v.array(EncodedValue),
  list: v.boolean(),
  joined: v.optional(v.boolean()),
  /** For each value, whether it is a list of item outcomes. */
  chunked: v.optional(v.array(v.boolean())),
  refused: v.optional(v.string()),
});
export type ResultValues = v.InferOutput<typeof ResultValues>;

/**
 * A task's arguments: the array of arguments as one encoded value. If that is long, or contains results of other tasks,
 * each argument is encoded separately, so that a value shared by many tasks is stored once.
 */
export const TaskArguments = v.union([
  EncodedValue,
  v.array(v.union([EncodedValue, ResultReference, HoldingArgument])),
]);
export type TaskArguments = v.InferOutput<typeof TaskArguments>;

/**
 * A result by its position in `results` of the lease; `item`: the position within it, if one item of a chunk is meant.
 */
export interface GivenResult {
  given: number;
  item?: number;
}

/** Arguments as a lease carries them. Each result is in the lease once, even if many of its tasks take it. */
export type LeasedArguments =
  | EncodedValue
  | (EncodedValue | GivenResult | { value: EncodedValue; results: GivenResult[] })[];

/** A result as a task receives it. Equal results of one lease are the same object. */
export interface GrantedResult {
  given: ResultValues;
  item?: number;
}

/** The arguments with which a task is run. */
export type GrantedArguments =
  | EncodedValue
  | (EncodedValue | GrantedResult | { value: EncodedValue; results: GrantedResult[] })[];

/** Finds the results that a task takes, anywhere in its arguments. */
export function resultsIn(args: TaskArguments): ResultReference[] {
  if (typeof args === "string" || isStored(args)) return [];
  return args.flatMap((arg) => {
    if (typeof arg === "string" || isStored(arg)) return [];
    return "result" in arg ? [arg] : arg.results;
  });
}

/** One task's spec: the position of its function in the page, and its arguments. */
const TaskSpec = v.strictTuple([v.pipe(v.number(), v.integer(), v.minValue(0)), TaskArguments]);

/**
 * Specs of consecutive tasks, written once and never changed. In a chunked map, a task's arguments are the list of its
 * items' argument lists.
 */
export const SpecPage = v.strictObject({ functions: v.array(FunctionReference), tasks: v.array(TaskSpec) });
export type SpecPage = v.InferOutput<typeof SpecPage>;

/** Number of tasks in each spec page of a job, given the size of its largest spec in bytes. */
export function specPageTasks(longestSpecBytes: number): number {
  return SPEC_PAGE_TASKS.find((tasks) => tasks * (longestSpecBytes + 16) <= SPEC_PAGE_BYTES) ?? 1;
}

/**
 * The items of a task when `items` are cut into `tasks` balanced, contiguous chunks: the first `items % tasks` chunks
 * have one more.
 */
export function chunkBounds(items: number, tasks: number, task: number): { from: number; to: number } {
  const base = Math.floor(items / tasks);
  const longer = items % tasks;
  const from = task * base + Math.min(task, longer);
  return { from, to: from + base + (task < longer ? 1 : 0) };
}
