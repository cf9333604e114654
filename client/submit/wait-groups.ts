/** Characters that a group's range and comma take at most. */
const RANGE_CHARS = 40;

/**
 * The waits of a job's tasks, as JSON text. Consecutive tasks that wait for the same form one group, so that a million
 * tasks that wait for one other take one text.
 */
export class WaitGroups {
  readonly #from: number[] = [];
  readonly #past: number[] = [];
  readonly #texts: string[] = [];

  /**
   * Adds a task, whose index is above those added before.
   *
   * @param waits the task's waits as the text of a JSON object; the same text for equal waits
   */
  add(task: number, waits: string): void {
    const last = this.#texts.length - 1;
    if (this.#past[last] === task && this.#texts[last] === waits) {
      this.#past[last] = task + 1;
      return;
    }
    this.#from.push(task);
    this.#past.push(task + 1);
    this.#texts.push(waits);
  }

  /** The first task that waits; undefined if none does. */
  get first(): number | undefined {
    return this.#from[0];
  }

  /** Length of the groups that begin in [from, to), as `between` returns them, in characters or a few more. */
  charsBetween(from: number, to: number): number {
    let chars = 0;
    for (let at = this.#firstPast(from - 1); at < this.#texts.length && (this.#from[at] ?? to) < to; at++)
      chars += (this.#texts[at]?.length ?? 0) + RANGE_CHARS;
    return chars;
  }

  /** The groups of the tasks in [from, to), in the format of `WaitGroup`, separated by commas. */
  between(from: number, to: number): string {
    const groups: string[] = [];
    // The group before may extend into the range.
    for (let at = Math.max(0, this.#firstPast(from - 1) - 1); at < this.#texts.length; at++) {
      const first = Math.max(from, this.#from[at] ?? to);
      const past = Math.min(to, this.#past[at] ?? 0);
      if (first < past) groups.push(`{"from":${first},"to":${past},${this.#texts[at]?.slice(1) ?? "}"}`);
      else if (first >= to) break;
    }
    return groups.join(",");
  }

  /** Index of the first group that begins after a task. */
  #firstPast(task: number): number {
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#from[middle] ?? 0) > task) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
