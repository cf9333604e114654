import type { StopCause } from "./time-limits.ts";

/**
 * The tasks of a lease that were asked to stop: first by their AbortSignal, and after the grace by the end of their
 * thread.
 */
export class TaskStops {
  readonly #stops = new Map<number, { cause: StopCause; killAt: number }>();
  /** The task for which the thread is being ended. */
  #killed: number | undefined;

  /** Whether the thread is being ended and has not died yet. */
  get isEndingThread(): boolean {
    return this.#killed !== undefined;
  }

  /** Why the task was asked to stop; undefined if it was not. */
  causeOf(position: number): StopCause | undefined {
    return this.#stops.get(position)?.cause;
  }

  /** When the task's thread is ended, in epoch milliseconds; undefined if the task was not asked to stop. */
  killAt(position: number): number | undefined {
    return this.#stops.get(position)?.killAt;
  }

  /**
   * Records that a task is to stop, and when its thread is ended.
   *
   * @returns whether this is the first cause, which is the one that counts
   */
  add(position: number, cause: StopCause, killAt: number): boolean {
    if (this.#stops.has(position)) return false;
    this.#stops.set(position, { cause, killAt });
    return true;
  }

  /**
   * Records that the thread is ended if the running task has outlived its grace period.
   *
   * @returns whether the thread must be ended now
   */
  enforce(position: number, now: number): boolean {
    const killAt = this.killAt(position);
    if (killAt === undefined || now < killAt || this.isEndingThread) return false;
    this.#killed = position;
    return true;
  }

  /** The thread has died. Returns the task for which it was ended, if any; another may have been running by then. */
  buried(): number | undefined {
    const killed = this.#killed;
    this.#killed = undefined;
    return killed;
  }
}
