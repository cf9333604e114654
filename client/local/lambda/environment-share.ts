import { availableParallelism } from "node:os";
import { type Cell, poolOf } from "../stack/cells.ts";
import type { FunctionSpec } from "../stack/deployment.ts";
import { ACCOUNT_CONCURRENCY } from "./lambda-limits.ts";

/**
 * Returns how many environments a function may start without waiting for one to become free.
 *
 * An engine function may start one for each of its virtual engines, since each engine runs as a long invocation.
 * Scheduler and report finish in milliseconds, and are slow in a new environment, so they may start one for every four
 * cores. A user's own functions may start one per core, but at least 2. With imitated latencies (`isSlow`) functions
 * other than engines mostly wait, so only the account's limit applies to them, as on AWS.
 */
export function environmentShare(
  spec: FunctionSpec,
  functions: readonly FunctionSpec[],
  cells: readonly Cell[],
  isSlow = false,
): number {
  const pool = poolOf(spec, cells);
  if (pool) return Math.ceil(pool.count / copiesOf(spec, functions));
  if (isSlow) return ACCOUNT_CONCURRENCY;
  return isControl(spec) ? Math.ceil(availableParallelism() / 4) : Math.max(2, availableParallelism());
}

/**
 * Returns how many environments to start ahead of any invocation: one each for scheduler and report, enough engines of
 * each pool to use all cores, and none of a user's own functions.
 */
export function warmEnvironments(
  spec: FunctionSpec,
  functions: readonly FunctionSpec[],
  cells: readonly Cell[],
): number {
  if (!poolOf(spec, cells)) return isControl(spec) ? 1 : 0;
  const wanted = Math.ceil(availableParallelism() / copiesOf(spec, functions));
  return Math.min(environmentShare(spec, functions, cells), wanted);
}

/** Whether a function is a scheduler or a report function. */
export function isControl({ variables }: FunctionSpec): boolean {
  return variables.FANTAIL_POOLS !== undefined;
}

/** Returns how many functions the engines of this function's pool are spread over, including this function. */
function copiesOf({ variables }: FunctionSpec, functions: readonly FunctionSpec[]): number {
  const named = ["FANTAIL_BLOB_BUCKET", "FANTAIL_POOL"];
  return functions.filter((other) => named.every((name) => other.variables[name] === variables[name])).length;
}
