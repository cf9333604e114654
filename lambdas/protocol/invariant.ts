import { ClusterError } from "./errors.ts";

/**
 * Checks a condition that fantail's own code guarantees.
 *
 * @param message what is wrong if it does not hold, such as `there is no thread to detach`
 * @throws ClusterError if it does not hold: a bug in fantail
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new ClusterError(`internal error: ${message}. This is a bug in fantail: please report it`);
}
