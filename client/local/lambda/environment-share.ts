import { availableParallelism } from "node:os";
import { type Cell, poolOf } from "../stack/cells.ts";
import type { FunctionSpec } from "../stack/deployment.ts";

/**
 * Environments that a function may start at once. An engine pool: one for each virtual engine, for each
 * is an invocation that goes on. Others are done in milliseconds: as many as there are processors.
 */
export function environmentShare(
  spec: FunctionSpec,
  functions: readonly FunctionSpec[],
  cells: readonly Cell[],
): number {
  const pool = poolOf(spec, cells);
  return pool ? Math.ceil(pool.count / copiesOf(spec, functions)) : Math.max(2, availableParallelism());
}

/** Environments started before anything is asked: one of each door, and of each pool engines for the processors. None of a user's own functions. */
export function warmEnvironments(
  spec: FunctionSpec,
  functions: readonly FunctionSpec[],
  cells: readonly Cell[],
): number {
  if (!poolOf(spec, cells)) return spec.variables.FANTAIL_POOLS === undefined ? 0 : 1;
  const wanted = Math.ceil(availableParallelism() / copiesOf(spec, functions));
  return Math.min(environmentShare(spec, functions, cells), wanted);
}

/** How many functions a pool's engines are spread over, this one included. */
function copiesOf({ variables }: FunctionSpec, functions: readonly FunctionSpec[]): number {
  const named = ["FANTAIL_BLOB_BUCKET", "FANTAIL_POOL"];
  return functions.filter((other) => named.every((name) => other.variables[name] === variables[name])).length;
}
