/** A range of one job's tasks that something waits for. */
interface Waiter {
  from: number;
  to: number;
  onEnd: (task: number) => void;
  onFailure: (error: Error) => void;
}

/**
 * The waiters for the tasks of a job.
 *
 * Those that wait for a single task are kept by task. Otherwise each outcome would be compared with each of, say,
 * 10,000 separate awaits.
 */
export class TaskWaiters {
  readonly #single = new Map<number, Set<Waiter>>();
  readonly #ranges = new Set<Waiter>();

  get size(): number {
    return this.#single.size + this.#ranges.size;
  }

  /**
   * Calls `onEnd` for each task of [from, to) that ends from now on, and `onFailure` once if outcomes can no longer
   * arrive.
   *
   * @returns a function that ends the wait
   */
  add(from: number, to: number, onEnd: (task: number) => void, onFailure: (error: Error) => void): () => void {
    const waiter: Waiter = { from, to, onEnd, onFailure };
    if (to - from !== 1) {
      this.#ranges.add(waiter);
      return () => this.#ranges.delete(waiter);
    }
    const others = this.#single.get(from) ?? new Set();
    this.#single.set(from, others.add(waiter));
    return () => {
      if (others.delete(waiter) && others.size === 0) this.#single.delete(from);
    };
  }

  ended(task: number): void {
    for (const waiter of [...(this.#single.get(task) ?? [])]) waiter.onEnd(task);
    for (const waiter of [...this.#ranges]) if (task >= waiter.from && task < waiter.to) waiter.onEnd(task);
  }

  rejectAll(error: Error): void {
    const waiters = [...this.#ranges, ...[...this.#single.values()].flatMap((set) => [...set])];
    this.#ranges.clear();
    this.#single.clear();
    for (const waiter of waiters) waiter.onFailure(error);
  }

  /** Whether something waits for a task in [from, to). */
  wants(from: number, to: number): boolean {
    for (const waiter of this.#ranges) if (waiter.from < to && waiter.to > from) return true;
    if (this.#single.size <= to - from) {
      for (const task of this.#single.keys()) if (task >= from && task < to) return true;
      return false;
    }
    for (let task = from; task < to; task++) if (this.#single.has(task)) return true;
    return false;
  }
}
