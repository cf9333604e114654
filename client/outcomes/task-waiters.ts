import { RangesByTask, type TaskRange } from "./ranges-by-task.ts";

/** A range of one job's tasks that something waits for. */
interface Waiter extends TaskRange {
  onEnd: (task: number) => void;
  onFailure: (error: Error) => void;
}

/** Follows a range of one job's tasks without waiting for them. */
export interface TaskObserver extends TaskRange {
  /** Called for each task that ends. */
  onEnd: (task: number) => void;
  /** Called for each attempt that failed and is followed by another. */
  onRetry: (task: number) => void;
}

/** The waiters for the tasks of a job, for whom outcomes are read, and its observers, for whom nothing is read. */
export class TaskWaiters {
  readonly #waiters = new RangesByTask<Waiter>();
  readonly #observers = new RangesByTask<TaskObserver>();

  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Calls `onEnd` for each task of [from, to) that ends later, and `onFailure` once if outcomes can no longer arrive.
   *
   * @returns a function that ends the wait
   */
  add(from: number, to: number, onEnd: (task: number) => void, onFailure: (error: Error) => void): () => void {
    return this.#waiters.add({ from, to, onEnd, onFailure });
  }

  /** Adds an observer. Returns a function that removes it. */
  observe(observer: TaskObserver): () => void {
    return this.#observers.add(observer);
  }

  ended(task: number): void {
    this.#observers.at(task, ({ onEnd }) => onEnd(task));
    this.#waiters.at(task, ({ onEnd }) => onEnd(task));
  }

  retried(task: number): void {
    this.#observers.at(task, ({ onRetry }) => onRetry(task));
  }

  rejectAll(error: Error): void {
    for (const { onFailure } of this.#waiters.takeAll()) onFailure(error);
  }

  /** Whether something waits for a task in [from, to). */
  wants(from: number, to: number): boolean {
    return this.#waiters.meets(from, to);
  }
}
