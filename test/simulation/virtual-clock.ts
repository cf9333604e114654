interface Timer {
  at: number;
  order: number;
  fire: () => void;
}

/**
 * A turn of the real event loop passes once for this many timers. A turn for each timer would take as long as the
 * timers' own work.
 */
const TIMERS_A_TURN = 1000;

/** Maximum number of timers at the same virtual time. If there are more, timers keep setting each other. */
const TIMERS_AT_ONCE = 100_000;

/** A clock that stands still while anything is left to do, and then jumps to the next timer. */
export class VirtualClock {
  #now: number;
  #order = 0;
  /** A binary heap of timers: the earliest first and, among equal ones, the one set first. */
  readonly #timers: Timer[] = [];
  /** Number of calls of `run` that are in progress. */
  #runs = 0;

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
   * @throws Error if virtual time does not advance
   */
  async run(isDone: () => boolean, limit: number): Promise<boolean> {
    this.#runs += 1;
    try {
      return await this.#run(isDone, limit);
    } finally {
      this.#runs -= 1;
    }
  }

  async #run(isDone: () => boolean, limit: number): Promise<boolean> {
    let atOnce = 0;
    for (let turn = 1; ; turn++) {
      // Node runs all microtasks before the next tick, so by then every promise that does not wait for time has settled.
      // But it runs the ticks of several callers in a row, so one would fire a timer before the previous one's effects.
      const isAlone = this.#runs === 1 && turn % TIMERS_A_TURN !== 0;
      await new Promise<void>(isAlone ? process.nextTick : setImmediate);
      if (isDone()) return true;
      const next = this.#timers[0];
      if (!next || next.at > limit) return false;
      this.#take();
      atOnce = next.at === this.#now ? atOnce + 1 : 0;
      if (atOnce > TIMERS_AT_ONCE) throw new Error(`the time stands still: ${TIMERS_AT_ONCE} timers fired at once`);
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
