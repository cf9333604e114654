/** Consecutive tasks of one job: `to` is exclusive. */
export interface TaskRange {
  from: number;
  to: number;
}

/**
 * Ranges of one job's tasks, found by task.
 *
 * Ranges of a single task are kept by task. Otherwise each outcome would be compared with all of, say, 10,000 separate
 * awaits. Maps and sets are created on demand: a client may hold thousands of jobs.
 */
export class RangesByTask<Range extends TaskRange> {
  /** The ranges of a single task. Mostly there is one, and then there is no set. */
  #single: Map<number, Range | Set<Range>> | undefined;
  #ranges: Set<Range> | undefined;

  /** Number of ranges; several ranges of one single task count as one. */
  get size(): number {
    return (this.#single?.size ?? 0) + (this.#ranges?.size ?? 0);
  }

  add(range: Range): void {
    const { from, to } = range;
    if (to - from !== 1) {
      this.#ranges ??= new Set();
      this.#ranges.add(range);
      return;
    }
    this.#single ??= new Map();
    const known = this.#single.get(from);
    if (known instanceof Set) known.add(range);
    else this.#single.set(from, known === undefined || known === range ? range : new Set([known, range]));
  }

  remove(range: Range): void {
    const { from, to } = range;
    if (to - from !== 1) {
      this.#ranges?.delete(range);
      return;
    }
    const known = this.#single?.get(from);
    const isLast = known instanceof Set ? known.delete(range) && known.size === 0 : known === range;
    if (isLast) this.#single?.delete(from);
  }

  /** Calls `visit` with each range that contains the task. Ranges that others remove meanwhile are visited too. */
  at(task: number, visit: (range: Range) => void): void {
    const known = this.#single?.get(task);
    if (known instanceof Set) for (const range of [...known]) visit(range);
    else if (known !== undefined) visit(known);
    for (const range of [...(this.#ranges ?? [])]) if (task >= range.from && task < range.to) visit(range);
  }

  /** Removes all ranges and returns them. */
  takeAll(): Range[] {
    const singles = [...(this.#single?.values() ?? [])].flatMap((known) =>
      known instanceof Set ? [...known] : [known],
    );
    const all = [...(this.#ranges ?? []), ...singles];
    this.#ranges = this.#single = undefined;
    return all;
  }

  /** Whether a range shares a task with [from, to). */
  meets(from: number, to: number): boolean {
    for (const range of this.#ranges ?? []) if (range.from < to && range.to > from) return true;
    const single = this.#single;
    if (single === undefined) return false;
    if (single.size <= to - from) {
      for (const task of single.keys()) if (task >= from && task < to) return true;
      return false;
    }
    for (let task = from; task < to; task++) if (single.has(task)) return true;
    return false;
  }
}
