import type { TaskContext as EngineTaskContext } from "../lambdas/authoring/task-context.ts";
import { FantailError } from "../lambdas/protocol/fantail-error.ts";
import { registerOwnExports } from "./shipping/values/own-exports.ts";
import type { LoadBalancedView } from "./views/view.ts";

/** The context of a running task: its id, attempt and engine, and its controls. */
export interface TaskContext extends EngineTaskContext {
  /**
   * A view that submits children of this task. They run before other tasks unless the view's `priority` says otherwise.
   * A task that waits for its children makes room for them on its engine. If the task fails, its unfinished children
   * are aborted.
   */
  readonly view: LoadBalancedView;
}

/** Key of the global under which an engine provides its own `task`, which code bundled with this module then calls. */
const ENGINE_TASK = Symbol.for("fantail.task");

/**
 * Gets the running task's context: its id, attempt, engine, signal, time left, and a view for submitting child tasks.
 *
 * @throws FantailError outside a task
 * @example
 * await view.apply(async (urls: string[]) => {
 *   const { signal, view } = task();
 *   return view.map(download, urls);
 * }, urls);
 */
export function task(): TaskContext {
  const engineTask: unknown = Reflect.get(globalThis, ENGINE_TASK);
  if (typeof engineTask === "function") return engineTask();
  throw new FantailError(
    "task() can only be called inside a task: call it in the function that you pass to apply or map",
  );
}

// In a function sent to an engine, `task` is the engine's own.
registerOwnExports({ task });
