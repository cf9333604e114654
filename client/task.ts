import type { TaskContext as EngineTaskContext } from "../lambdas/authoring/task-context.ts";
import { FantailError } from "../lambdas/protocol/errors.ts";
import { registerOwnExports } from "./shipping/values/own-exports.ts";
import type { LoadBalancedView } from "./views/view.ts";

/** What a running task may know of itself. */
export interface TaskContext extends EngineTaskContext {
  /**
   * A view by which the task submits tasks of its own: its children. They go before other tasks unless the view says
   * otherwise, and a task that waits for them makes room for them on its engine. Where the task ends otherwise than
   * well, those that have not ended are aborted.
   */
  readonly view: LoadBalancedView;
}

/** Where an engine leaves its own `task` for code that was bundled with this one. */
const ENGINE_TASK = Symbol.for("fantail.task");

/**
 * What a running task may know of itself: id, attempt, engine, signal, time left.
 *
 * @throws FantailError outside of a task
 */
export function task(): TaskContext {
  const engineTask: unknown = Reflect.get(globalThis, ENGINE_TASK);
  if (typeof engineTask === "function") return engineTask();
  throw new FantailError("task() works inside a task only: call it in the function that you pass to apply or map");
}

// A shipped function that uses `task` gets the engine's own.
registerOwnExports({ task });
