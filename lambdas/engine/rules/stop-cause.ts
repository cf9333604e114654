import type { EncodedError, EntryStatus } from "../../protocol/outcome-page.ts";

/** Why a task is stopped, as the task's outcome. */
export interface StopCause {
  status: EntryStatus;
  error: EncodedError;
}

/** Makes a cause with the message `evalue`; the error's `ename` is its `code`. */
export function stopCause(code: EncodedError["code"], status: EntryStatus, evalue: string): StopCause {
  return { status, error: { code, ename: code, evalue } };
}

/** The cause for a task that was aborted. */
export function abortedTask(hadStarted: boolean): StopCause {
  return stopCause(
    "TaskAborted",
    "aborted",
    `the task was aborted ${hadStarted ? "while it ran" : "before it started"}`,
  );
}

/**
 * The cause for a task that failed because of its engine, not its function.
 *
 * @param frames stack lines of the error that ended the task
 */
export function lostTask(message: string, frames = ""): StopCause {
  const lost = stopCause("EngineError", "lost", message);
  if (frames === "") return lost;
  return { ...lost, error: { ...lost.error, traceback: `EngineError: ${message}${frames}` } };
}

/** The cause for a task that outgrew its engine's memory. */
export function outOfMemory(message: string): StopCause {
  const { status, error } = lostTask(message);
  return { status, error: { ...error, memory: true } };
}
