import type { LeaseBoard } from "../messages/lease-board.ts";
import type { TaskWorker } from "./task-worker.ts";
import type { StopCause } from "./time-limits.ts";

/** The tasks of a lease that were told to stop: first by their AbortSignal, after the grace by the end of their thread. */
export class TaskStops {
  readonly #board: LeaseBoard;
  readonly #worker: TaskWorker;
  readonly #graceMs: number;
  readonly #stops = new Map<number, { cause: StopCause; killAt: number }>();
  /** The task for whose sake the thread was ended. */
  #killed: number | undefined;

  constructor(board: LeaseBoard, worker: TaskWorker, graceMs: number) {
    this.#board = board;
    this.#worker = worker;
    this.#graceMs = graceMs;
  }

  /** Claims that the thread has been ended, and its death is awaited. */
  get isEndingWorker(): boolean {
    return this.#killed !== undefined;
  }

  /** Why the task was told to stop; undefined when it was not. */
  causeOf(position: number): StopCause | undefined {
    return this.#stops.get(position)?.cause;
  }

  /** When its thread is ended, in epoch milliseconds. */
  killAt(position: number): number | undefined {
    return this.#stops.get(position)?.killAt;
  }

  /** Tells a running task to stop; the first cause counts. */
  stop(position: number, cause: StopCause, now: number): void {
    if (this.#stops.has(position)) return;
    // Who never asked for the signal cannot react to it, so nothing is won by waiting.
    const grace = this.#board.isListening(position) ? this.#graceMs : 0;
    this.#stops.set(position, { cause, killAt: now + grace });
    this.#worker.stop(position, `the task ${cause.error.evalue}`);
  }

  /** Ends the thread of a running task without a warning. */
  kill(position: number, cause: StopCause, now: number): void {
    if (!this.#stops.has(position)) this.#stops.set(position, { cause, killAt: now });
    this.enforce(now);
  }

  /** Ends the thread if the task that runs has outlived its grace. */
  enforce(now: number): void {
    const running = this.#board.running();
    const killAt = running && this.killAt(running.position);
    if (!running || killAt === undefined || now < killAt || this.isEndingWorker) return;
    this.#killed = running.position;
    void this.#worker.end();
  }

  /** The thread is gone: tells for which task's sake it was ended, if it was. By then another may have run. */
  buried(): number | undefined {
    const killed = this.#killed;
    this.#killed = undefined;
    return killed;
  }
}
