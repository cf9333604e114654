import type { DeathNote } from "../messages/worker-messages.ts";
import { lostTask, outOfMemory, type StopCause } from "./stop-cause.ts";

/**
 * The outcome of the running task after its thread has died: why the task was asked to stop, otherwise the cause of
 * death. Undefined if another task is to blame for the death, so that the running task returns to the queue.
 *
 * @param stop why the task was asked to stop; undefined if it was not
 * @param killed the task for which the thread was killed, if any
 */
export function causeOfDeath(
  position: number,
  { culprit, message, frames, isOutOfMemory }: DeathNote,
  stop: StopCause | undefined,
  killed: number | undefined,
): StopCause | undefined {
  if (stop) return stop;
  const blamed = culprit ?? killed;
  if (blamed !== undefined && blamed !== position) return undefined;
  return isOutOfMemory ? outOfMemory(message) : lostTask(message, frames);
}
