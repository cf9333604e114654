import type { HashedValue } from "../../adapters/pack.ts";
import type { Check } from "../../authoring/annotations.ts";
import type { Callable } from "../../authoring/callable.ts";
import { differentVersions } from "../../protocol/answer-fault.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { isDeployed } from "../../protocol/function-reference.ts";
import type { EncodedError, ItemOutcome } from "../../protocol/outcome-page.ts";
import type { GrantedArguments } from "../../protocol/spec-page.ts";
import type { StoredValue } from "../../protocol/stored-value.ts";
import { encodeThrown } from "../../protocol/thrown.ts";
import type { TaskResult, WorkerFunction } from "../messages/worker-messages.ts";
import { decodeArguments, encodeResult, encodeText } from "./blob-values.ts";
import type { LeaseNames } from "./lease-names.ts";
import { isThenable, runFunction } from "./run-function.ts";
import { checksOf, runChecks } from "./task-checks.ts";
import { currentRun, type TaskRun } from "./task-run.ts";
import { refusalOf } from "./unmet-refusal.ts";
import { BlobLost, type WorkerBlobs } from "./worker-blobs.ts";
import type { WorkerFunctions } from "./worker-functions.ts";

/** How the function of a task ended. */
export type TaskEnd = Pick<TaskResult, "status" | "value" | "items" | "error" | "blobs">;

/** A task with everything that it needs to run. */
export interface RunnableTask {
  fn: WorkerFunction;
  args: GrantedArguments;
  chunked: boolean;
  /** The values that tasks of the lease refer to by name; absent for most. */
  names?: LeaseNames | undefined;
}

/**
 * Runs one task. Never rejects. Returns a promise only if something in the task is asynchronous, or the task is a
 * chunk.
 */
export function runTask(
  task: RunnableTask,
  run: TaskRun,
  functions: WorkerFunctions,
  blobs: WorkerBlobs,
): TaskEnd | Promise<TaskEnd> {
  if (task.fn.missing !== undefined) return lost(task.fn.missing);
  return currentRun.run(run, () => {
    try {
      if (mayBringClasses(task.fn)) {
        const fn = functions.get(task.fn);
        if (fn instanceof Promise)
          return fn.then((loaded) => withClasses(task, loaded, run, functions, blobs)).catch(failed);
        return withClasses(task, fn, run, functions, blobs);
      }
      // Decode the arguments first, because this may throw: a promise for the function would then be left unhandled.
      const args = argumentsOf(task, functions, blobs);
      const fn = functions.get(task.fn);
      if (fn instanceof Promise || args instanceof Promise)
        return Promise.all([fn, args]).then(([loaded, list]) => call(loaded, list, task.chunked, run), failed);
      return call(fn, args, task.chunked, run);
    } catch (error) {
      return failed(error);
    }
  });
}

/**
 * Whether the function must be loaded before its arguments are decoded, because the function may bring classes of
 * instances among the arguments.
 */
function mayBringClasses(fn: WorkerFunction): boolean {
  return isDeployed(fn) || fn.classes !== undefined;
}

function withClasses(
  task: RunnableTask,
  fn: Callable,
  run: TaskRun,
  functions: WorkerFunctions,
  blobs: WorkerBlobs,
): TaskEnd | Promise<TaskEnd> {
  run.classes = functions.classesOf(fn);
  const args = argumentsOf(task, functions, blobs);
  if (args instanceof Promise) return args.then((list) => call(fn, list, task.chunked, run), failed);
  return call(fn, args, task.chunked, run);
}

function argumentsOf(
  { args, names }: RunnableTask,
  functions: WorkerFunctions,
  blobs: WorkerBlobs,
): unknown[] | Promise<unknown[]> {
  const fetchValue = (value: StoredValue) => blobs.get(value);
  if (!names) return decodeArguments(args, fetchValue);
  return names.lookup(functions, blobs).then((lookup) => decodeArguments(args, fetchValue, lookup));
}

function call(fn: Callable, args: unknown[], chunked: boolean, run: TaskRun): TaskEnd | Promise<TaskEnd> {
  const checks = checksOf(fn);
  return checks === undefined ? invoke(fn, args, chunked, run) : checked(checks, fn, args, chunked, run);
}

async function checked(
  checks: readonly Check[],
  fn: Callable,
  args: unknown[],
  chunked: boolean,
  run: TaskRun,
): Promise<TaskEnd> {
  try {
    await runChecks(checks);
  } catch (error) {
    return failed(error);
  }
  return invoke(fn, args, chunked, run);
}

function invoke(fn: Callable, args: unknown[], chunked: boolean, run: TaskRun): TaskEnd | Promise<TaskEnd> {
  if (chunked) return callItems(fn, args, run);
  try {
    const result = runFunction(fn, args);
    return isThenable(result) ? Promise.resolve(result).then(succeeded, failed) : succeeded(result);
  } catch (error) {
    return failed(error);
  }
}

/**
 * Runs the items one after another. If an item fails, the others still run. The remaining items do not run if the task
 * is asked to stop. Nor do they run if an item throws UnmetDependency: then this engine refuses the whole task.
 */
async function callItems(fn: Callable, items: unknown[], run: TaskRun): Promise<TaskEnd> {
  const outcomes: ItemOutcome[] = [];
  const blobs: HashedValue[] = [];
  let error: EncodedError | undefined;
  for (const args of items) {
    if (run.stopReason !== undefined) break;
    try {
      if (!Array.isArray(args))
        throw new ClusterError(`the argument list of an item is not a list; ${differentVersions("client and engine")}`);
      let result = runFunction(fn, args);
      if (isThenable(result)) result = await result;
      outcomes.push([1, encodeResult(result, blobs)]);
    } catch (thrown) {
      const refusal = refusalOf(thrown);
      if (refusal) return { status: "unmet", error: refusal };
      const failure = encodeThrown(thrown);
      error ??= failure;
      outcomes.push([0, failure]);
    }
  }
  const end = { status: error ? "error" : "ok", ...(error ? { error } : {}) } satisfies TaskEnd;
  if (blobs.length > 0) return { ...end, items: outcomes, blobs };
  const value = encodeText(JSON.stringify(outcomes), blobs);
  return { ...end, value, ...(blobs.length > 0 ? { blobs } : {}) };
}

function succeeded(result: unknown): TaskEnd {
  try {
    const blobs: HashedValue[] = [];
    const value = encodeResult(result, blobs);
    return blobs.length > 0 ? { status: "ok", value, blobs } : { status: "ok", value };
  } catch (error) {
    return failed(error);
  }
}

function failed(thrown: unknown): TaskEnd {
  if (thrown instanceof BlobLost) return lost(thrown.message);
  const refusal = refusalOf(thrown);
  return refusal ? { status: "unmet", error: refusal } : { status: "error", error: encodeThrown(thrown) };
}

/** The end of a task that failed because of the cluster: an EngineError, as if its engine had died. */
function lost(message: string): TaskEnd {
  return { status: "lost", error: { code: "EngineError", ename: "EngineError", evalue: message } };
}
