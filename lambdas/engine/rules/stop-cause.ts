import type { EncodedError, EntryStatus } from "../../protocol/outcome-page.ts";

/** Why a task is stopped, and its resulting outcome. */
export interface StopCause {
  status: EntryStatus;
  error: EncodedError;
}

export function stopCause(code: EncodedError["code"], status: EntryStatus, evalue: string): StopCause {
  return { status, error: { code, ename: code, evalue } };
}

export function abortedTask(hadStarted: boolean): StopCause {
  return stopCause(
    "TaskAborted",
    "aborted",
    `the task was aborted ${hadStarted ? "while it ran" : "before it started"}`,
  );
}

/**
 * The engine, not the function, failed the task.
 *
 * @param frames where the error was thrown that ended it, as lines of a stack
 */
export function lostTask(message: string, frames = ""): StopCause {
  const lost = stopCause("EngineError", "lost", message);
  if (frames === "") return lost;
  return { ...lost, error: { ...lost.error, traceback: `EngineError: ${message}${frames}` } };
}

/** The task outgrew its engine's memory. */
export function outOfMemory(message: string): StopCause {
  const { status, error } = lostTask(message);
  return { status, error: { ...error, memory: true } };
}
