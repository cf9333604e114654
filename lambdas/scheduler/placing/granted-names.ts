import type { FunctionReference } from "../../protocol/function-reference.ts";
import type { GrantedNames } from "../../protocol/grant.ts";
import { isNamedFunction } from "../../protocol/named-value.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { namedValues } from "../rows/named-values.ts";

/**
 * Reads the values, on one engine, of the names that a job's tasks refer to. They are read for each lease, so that a
 * job sees every push before its submission.
 *
 * @param functions receives the functions that are among the values
 */
export async function grantedNames(
  cluster: StoreAccess,
  names: string[],
  engine: number,
  functions: FunctionReference[],
): Promise<GrantedNames> {
  const values = await namedValues(cluster, names, [engine]);
  const granted: GrantedNames = [];
  for (const [at, name] of names.entries()) {
    const value = values[at]?.[0];
    if (!value) continue;
    granted.push([name, isNamedFunction(value) ? { fn: functions.push(value.fn) - 1 } : value]);
  }
  return granted;
}
