import { unitsOf } from "../../protocol/function-reference.ts";
import type { Grant, GrantedTask } from "../../protocol/grant.ts";
import type { GivenResult, GrantedArguments, GrantedResult, ResultValues } from "../../protocol/spec-page.ts";
import { isStored } from "../../protocol/stored-value.ts";
import type { LeaseBoard } from "../messages/lease-board.ts";
import type { WorkerLease } from "../messages/worker-messages.ts";
import type { LeaseUnits } from "./lease-units.ts";

/** The part of a lease that the worker needs to run its tasks. The sources of its functions are sent separately. */
export function leaseForWorker(
  grant: Grant,
  units: LeaseUnits,
  board: LeaseBoard,
  engineId: number,
  invocationEndsAt: number,
): WorkerLease {
  const { job, functions, chunked, names, runTimeoutMs, deadlineAt, trace } = grant;
  return {
    job,
    engineId,
    board: board.memory,
    tasks: grant.tasks.map((task) => withResults(task, grant.results ?? [])),
    functions: functions.map((reference) => {
      const [missing] = unitsOf(reference).flatMap(({ code }) => units.missing.get(code) ?? []);
      return missing === undefined ? reference : { ...reference, missing };
    }),
    chunked,
    ...(names === undefined ? {} : { names }),
    ...(runTimeoutMs === undefined ? {} : { runTimeoutMs }),
    ...(trace === undefined ? {} : { trace }),
    endsAt: Math.min(deadlineAt ?? Number.POSITIVE_INFINITY, invocationEndsAt),
  };
}

const LACKING: ResultValues = {
  values: [],
  list: false,
  refused: "a result that the task takes as an argument was not sent with it",
};

/**
 * A task with the results that it takes as arguments. Tasks that take the same result share one object, so that it is
 * copied to the thread once.
 */
function withResults(task: GrantedTask, results: readonly ResultValues[]): WorkerLease["tasks"][number] {
  const [index, attempt, fn, args, needs] = task;
  const granted = ({ given, ...item }: GivenResult): GrantedResult => ({ given: results[given] ?? LACKING, ...item });
  const given: GrantedArguments =
    typeof args === "string" || isStored(args)
      ? args
      : args.map((arg) => {
          if (typeof arg === "string" || isStored(arg)) return arg;
          return "given" in arg ? granted(arg) : { value: arg.value, results: arg.results.map(granted) };
        });
  return needs ? [index, attempt, fn, given, needs] : [index, attempt, fn, given];
}
