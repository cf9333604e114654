/** Consecutive tasks of one job: `to` is exclusive. */
export interface TaskRange {
  from: number;
  to: number;
}

/**
 * Ranges of one job's tasks, found by task.
 *
 * Ranges of a single task are kept by task. Otherwise each outcome would be compared with all of, say, 10,000 separate
 * awaits.
 */
export class RangesByTask<Range extends TaskRange> {
  readonly #single = new Map<number, Set<Range>>();
  readonly #ranges = new Set<Range>();

  /** Number of ranges; several ranges of one single task count as one. */
  get size(): number {
    return this.#single.size + this.#ranges.size;
  }

  /** Adds a range. Returns a function that removes it. */
  add(range: Range): () => void {
    const { from, to } = range;
    if (to - from !== 1) {
      this.#ranges.add(range);
      return () => this.#ranges.delete(range);
    }
    const others = this.#single.get(from) ?? new Set();
    this.#single.set(from, others.add(range));
    return () => {
      if (others.delete(range) && others.size === 0) this.#single.delete(from);
    };
  }

  /** Calls `visit` with each range that contains the task. Ranges that others remove meanwhile are visited too. */
  at(task: number, visit: (range: Range) => void): void {
    for (const range of [...(this.#single.get(task) ?? [])]) visit(range);
    for (const range of [...this.#ranges]) if (task >= range.from && task < range.to) visit(range);
  }

  /** Removes all ranges and returns them. */
  takeAll(): Range[] {
    const all = [...this.#ranges, ...[...this.#single.values()].flatMap((set) => [...set])];
    this.#ranges.clear();
    this.#single.clear();
    return all;
  }

  /** Whether a range shares a task with [from, to). */
  meets(from: number, to: number): boolean {
    for (const range of this.#ranges) if (range.from < to && range.to > from) return true;
    if (this.#single.size <= to - from) {
      for (const task of this.#single.keys()) if (task >= from && task < to) return true;
      return false;
    }
    for (let task = from; task < to; task++) if (this.#single.has(task)) return true;
    return false;
  }
}
