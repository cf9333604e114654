/**
 * Minimum age of the newer mark when it becomes the older one: this many milliseconds, or this part of the time since
 * the beginning if that is longer.
 */
const MIN_MS = 5000;
const PART = 1 / 4;

interface Mark {
  at: number;
  done: number;
}

/**
 * The rate at which items have finished lately.
 *
 * Keeps two marks (a time, and the items finished by then). The rate is counted from the older mark. When the newer one
 * is old enough, it becomes the older mark, and the present becomes the newer one.
 */
export class ProgressRate {
  readonly #begun: Mark;
  #older: Mark;
  #newer: Mark;

  /**
   * @param done number of items that finished before now. They do not count toward the rate, because when they
   *   finished is unknown
   */
  constructor(now: number, done: number) {
    this.#begun = { at: now, done };
    this.#older = this.#begun;
    this.#newer = this.#begun;
  }

  /** Items per second since the older mark; since the beginning if none has finished since that mark. */
  perSecond(now: number, done: number): number | undefined {
    if (now - this.#newer.at >= Math.max(MIN_MS, (now - this.#begun.at) * PART)) {
      this.#older = this.#newer;
      this.#newer = { at: now, done };
    }
    return rate(this.#older, now, done) ?? rate(this.#begun, now, done);
  }
}

function rate(since: Mark, now: number, done: number): number | undefined {
  const finished = done - since.done;
  const passed = now - since.at;
  return finished > 0 && passed > 0 ? (finished * 1000) / passed : undefined;
}
