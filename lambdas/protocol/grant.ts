import * as v from "valibot";
import { differentVersions, faultIn } from "./answer-fault.ts";
import { ClusterError } from "./errors.ts";
import { CodeUnit, type EncodedValue, FunctionReference } from "./function-reference.ts";
import { type LeasedArguments, ResultValues } from "./spec-page.ts";
import { TraceFields } from "./trace-fields.ts";

/** A position that no task of a lease has. A task whose `needs` contain it is returned unstarted. */
export const NEVER = -1;

/**
 * One task of a grant: index, attempt (from 1), position of its function in `functions`, arguments, and `needs`. The
 * task runs only if the earlier tasks at the positions in `needs` have succeeded; otherwise it is returned.
 */
export type GrantedTask = [index: number, attempt: number, fn: number, args: LeasedArguments, needs?: number[]];

/**
 * The engine's pushed values by name; for a function, its position in `functions`. Names without a value on this engine
 * are left out.
 */
export type GrantedNames = [name: string, value: EncodedValue | { fn: number }][];

/** A lease as the engine receives it. */
export interface Grant {
  job: string;
  seq: number;
  /** The tasks, in the order in which to run them. */
  tasks: GrantedTask[];
  /** Results of other tasks that the lease's tasks take as arguments. The arguments refer to them by position. */
  results?: ResultValues[];
  functions: FunctionReference[];
  /**
   * Code units that the engine has not cached, as many as fit the message. The engine requests the others with `fetch`.
   */
  units: CodeUnit[];
  chunked: boolean;
  /** The pushed values that the lease's tasks refer to by name; absent if there are none. */
  names?: GrantedNames;
  /**
   * The lease's target duration, in milliseconds. After twice this time, the engine reports finished tasks and returns
   * unstarted ones, unless it keeps them.
   */
  aimMs: number;
  /**
   * Whether unstarted tasks stay with the engine, so that a partial report lists them as `running` too. Set if the
   * high-water mark is explicit.
   */
  keep?: boolean;
  /** Whether the engine may request more tasks while the last tasks of the lease run. */
  ahead?: boolean;
  /** Whether more work was waiting when the lease was given. */
  more?: boolean;
  /** Maximum run time of each task; absent: as long as the invocation lasts. */
  runTimeoutMs?: number;
  /** Deadline of the tasks, epoch milliseconds. */
  deadlineAt?: number;
  /**
   * Signed by the scheduler if the engine's row does not show this lease. The engine returns it with the report that
   * ends the lease, as proof that it holds the lease.
   */
  link?: string;
  /** The trace of the job; absent for most. */
  trace?: TraceFields;
}

/**
 * Checks only the outer form of the tasks. Each task is checked when it runs: checking a thousand short tasks here
 * would take longer than running them.
 */
export const Grant: v.GenericSchema<unknown, Grant> = v.looseObject({
  job: v.string(),
  seq: v.number(),
  tasks: v.array(v.custom<GrantedTask>((task) => Array.isArray(task) && (task.length === 4 || task.length === 5))),
  results: v.exactOptional(v.array(ResultValues)),
  functions: v.array(FunctionReference),
  units: v.array(CodeUnit),
  chunked: v.boolean(),
  names: v.exactOptional(v.array(v.custom<GrantedNames[number]>((name) => Array.isArray(name) && name.length === 2))),
  aimMs: v.number(),
  keep: v.exactOptional(v.boolean()),
  ahead: v.exactOptional(v.boolean()),
  more: v.exactOptional(v.boolean()),
  runTimeoutMs: v.exactOptional(v.number()),
  deadlineAt: v.exactOptional(v.number()),
  link: v.exactOptional(v.string()),
  trace: v.exactOptional(v.object(TraceFields)),
});

/**
 * Parses the lease that came with an event.
 *
 * @throws ClusterError if the lease cannot be read, as when scheduler and engine have different versions
 */
export function parseGrant(grant: unknown): Grant {
  const parsed = v.safeParse(Grant, grant);
  if (parsed.success) return parsed.output;
  throw unreadableTasks(faultIn(parsed.issues[0]));
}

/** The error for tasks that this engine cannot read. */
export function unreadableTasks(fault: string): ClusterError {
  return new ClusterError(
    `cannot read the tasks sent to this engine (${fault}); ${differentVersions("engine and scheduler")}`,
  );
}
