import * as v from "valibot";
import { ParentRange } from "./dependency.ts";
import { EncodedValue, FunctionReference } from "./function-reference.ts";

/** Tasks in one bucket: the partition that holds their spec and outcome pages. */
export const BUCKET_TASKS = 1000;

/** Widest span of indexes in one lease, hence in one outcome page. */
export const LEASE_SPAN = 1000;

/** Largest spec page, in bytes of its body. */
export const SPEC_PAGE_BYTES = 200_000;

/** Allowed numbers of tasks in a spec page: divisors of a bucket, so that no page crosses two. */
const SPEC_PAGE_TASKS = [100, 50, 25, 20, 10, 5, 4, 2, 1] as const;

/**
 * A result as an argument: the values of these tasks, which have ended by then. `list`: the values of their items; else the one
 * value; absent: as the job's shape has it. `joined`: lists of a parallel function's pieces become one.
 */
export const ResultReference = v.strictObject({
  result: v.array(ParentRange),
  list: v.optional(v.boolean()),
  joined: v.optional(v.boolean()),
  /** Of the one task, which ran a chunk of a map: the value of the item at this place. */
  item: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});
export type ResultReference = v.InferOutput<typeof ResultReference>;

/** An argument that holds results, at any depth: encoded, with numbers in their places. */
export const HoldingArgument = v.strictObject({ value: EncodedValue, results: v.array(ResultReference) });
export type HoldingArgument = v.InferOutput<typeof HoldingArgument>;

/** A result as an argument, as the engine is given it: encoded values, or why they cannot be given. */
export const ResultValues = v.strictObject({
  values: v.array(EncodedValue),
  list: v.boolean(),
  joined: v.optional(v.boolean()),
  /** Claims that each value is a list of item outcomes. */
  chunked: v.optional(v.array(v.boolean())),
  refused: v.optional(v.string()),
});
export type ResultValues = v.InferOutput<typeof ResultValues>;

/**
 * What a task is called with: the codec's text of the array of arguments, or, when that is long,
 * each argument encoded by itself, so that one value shared by many tasks is stored once.
 */
export const TaskArguments = v.union([v.string(), v.array(v.union([EncodedValue, ResultReference, HoldingArgument]))]);
export type TaskArguments = v.InferOutput<typeof TaskArguments>;

/** A result by its place among those of the lease, and by its place in that where an item of a chunk is meant. */
export interface GivenResult {
  given: number;
  item?: number;
}

/** Arguments as a lease brings them: results stand in the lease once, however many of its tasks take them. */
export type LeasedArguments = string | (EncodedValue | GivenResult | { value: EncodedValue; results: GivenResult[] })[];

/** A result as a task is given it; those of one lease that are the same are one object. */
export interface GrantedResult {
  given: ResultValues;
  item?: number;
}

/** Arguments as a task is run with. */
export type GrantedArguments =
  | string
  | (EncodedValue | GrantedResult | { value: EncodedValue; results: GrantedResult[] })[];

/** The results that a task takes, wherever they stand in its arguments. */
export function resultsIn(args: TaskArguments): ResultReference[] {
  if (typeof args === "string") return [];
  return args.flatMap((arg) => {
    if (typeof arg === "string" || "blob" in arg) return [];
    return "result" in arg ? [arg] : arg.results;
  });
}

/** One task's spec: which of the page's functions, and its arguments. */
const TaskSpec = v.strictTuple([v.pipe(v.number(), v.integer(), v.minValue(0)), TaskArguments]);

/**
 * Specs of consecutive tasks, written once and never changed. In a chunked map the arguments of
 * a task are the list of its items' argument lists.
 */
export const SpecPage = v.strictObject({ functions: v.array(FunctionReference), tasks: v.array(TaskSpec) });
export type SpecPage = v.InferOutput<typeof SpecPage>;

/** How many tasks a page of this job may hold, from the longest of its specs in bytes. */
export function specPageTasks(longestSpecBytes: number): number {
  return SPEC_PAGE_TASKS.find((tasks) => tasks * (longestSpecBytes + 16) <= SPEC_PAGE_BYTES) ?? 1;
}

/** Items of each task when `items` are cut into `tasks` balanced, contiguous chunks: the first `items % tasks` hold one more. */
export function chunkBounds(items: number, tasks: number, task: number): { from: number; to: number } {
  const base = Math.floor(items / tasks);
  const longer = items % tasks;
  const from = task * base + Math.min(task, longer);
  return { from, to: from + base + (task < longer ? 1 : 0) };
}
