interface Timer {
  at: number;
  order: number;
  fire: () => void;
}

/** A clock that stands still while anything is left to do, and then jumps to the next timer. */
export class VirtualClock {
  #now: number;
  #order = 0;
  /** A binary heap of timers: the earliest first and, among equal ones, the one set first. */
  readonly #timers: Timer[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  at(time: number, fire: () => void): void {
    const timers = this.#timers;
    let at = timers.push({ at: Math.max(time, this.#now), order: this.#order++, fire }) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && this.#precedes(at, parent); at = parent, parent = (at - 1) >> 1)
      this.#exchange(at, parent);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.#now + ms, resolve));
  }

  /**
   * Lets time pass until `isDone` returns true.
   *
   * @param limit latest time, epoch milliseconds
   * @returns whether it was done in time
   */
  async run(isDone: () => boolean, limit: number): Promise<boolean> {
    for (;;) {
      // One turn of the real event loop: afterwards, every promise that does not wait for time has settled.
      await new Promise(setImmediate);
      if (isDone()) return true;
      const next = this.#timers[0];
      if (!next || next.at > limit) return false;
      this.#take();
      this.#now = next.at;
      next.fire();
    }
  }

  #take(): void {
    const timers = this.#timers;
    const last = timers.pop();
    if (!last || timers.length === 0) return;
    timers[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < timers.length && this.#precedes(child, least)) least = child;
      if (least === at) return;
      this.#exchange(at, least);
      at = least;
    }
  }

  #precedes(a: number, b: number): boolean {
    const [first, second] = [this.#timers[a], this.#timers[b]];
    if (!first || !second) return false;
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }

  #exchange(a: number, b: number): void {
    const [first, second] = [this.#timers[a], this.#timers[b]];
    if (!first || !second) return;
    this.#timers[a] = second;
    this.#timers[b] = first;
  }
}
