import * as v from "valibot";
import { isJobId, isTaskId } from "./task-id.ts";

/** Fields that several messages of clients and engines have in common. */

/** The id of a job, a ULID. */
export const JobId = v.pipe(v.string(), v.check(isJobId, "must be the id of a job, a ULID"));
/** The id of a task: its job and its index. */
export const TaskId = v.pipe(v.string(), v.check(isTaskId, "must be the id of a task, <job>.<index>"));
/** A number of tasks, or the index of one. */
export const TaskCount = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99_999_999));
/** Epoch milliseconds, within the range of `Date`. */
export const Time = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));
/** A range of task indexes, `to` exclusive. */
export const TaskRange = v.pipe(
  v.strictTuple([TaskCount, TaskCount]),
  v.check(([from, to]) => from <= to, "must not end before it begins"),
);
/** Ranges, sorted and disjoint, none of them empty. */
export const SortedRanges = v.pipe(
  v.array(TaskRange),
  v.minLength(1),
  v.check(
    (ranges) => ranges.every(([from, to], at) => from < to && from >= (ranges[at - 1]?.[1] ?? 0)),
    "must be sorted, disjoint and not empty",
  ),
);

/** Random characters that identify a session or an invocation. */
export const Secret = v.pipe(v.string(), v.regex(/^[0-9a-zA-Z_-]{16,64}$/));
