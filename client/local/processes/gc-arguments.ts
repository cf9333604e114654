import { availableParallelism } from "node:os";

/** Number of cores up to which collecting garbage in parallel costs more than it saves. */
const MAX_CORES = 4;

/**
 * Arguments of Node for a process of the cloud: on a machine with few cores, which the engines already use, V8's
 * collector works in the thread that needs memory. Otherwise its four helper threads compete with the tasks.
 */
export function gcArguments(cores: number = availableParallelism()): readonly string[] {
  return cores <= MAX_CORES ? ["--single-threaded-gc"] : [];
}
