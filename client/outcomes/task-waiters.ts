import { RangesByTask, type TaskRange } from "./ranges-by-task.ts";

/** A range of one job's tasks that something waits for. */
export interface Waiter extends TaskRange {
  /** Called for each task that ends. */
  onEnd(task: number): void;
  /** Called once if outcomes can no longer arrive. The waiter is then removed. */
  onFailure(error: Error): void;
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
    const waiter = { from, to, onEnd, onFailure };
    this.join(waiter);
    return () => this.leave(waiter);
  }

  /** Like `add`, without a function to end the wait: `leave` ends it. */
  join(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  leave(waiter: Waiter): void {
    this.#waiters.remove(waiter);
  }

  /** Adds an observer. Returns a function that removes it. */
  observe(observer: TaskObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.remove(observer);
  }

  ended(task: number): void {
    this.#observers.at(task, (observer) => observer.onEnd(task));
    this.#waiters.at(task, (waiter) => waiter.onEnd(task));
  }

  retried(task: number): void {
    this.#observers.at(task, ({ onRetry }) => onRetry(task));
  }

  rejectAll(error: Error): void {
    for (const waiter of this.#waiters.takeAll()) waiter.onFailure(error);
  }

  /** Whether something waits for a task in [from, to). */
  wants(from: number, to: number): boolean {
    return this.#waiters.meets(from, to);
  }
}
