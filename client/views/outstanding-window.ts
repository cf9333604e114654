/**
 * An `imap` keeps as many items submitted as its consumer, at the recent pace, takes in this time, in milliseconds.
 * Engines thus have work while new items and results are on their way.
 */
const AHEAD_MS = 2000;

/**
 * Minimum number of submitted items per engine: one runs, and the others keep the engine busy while new items are on
 * their way.
 */
const MIN_PER_ENGINE = 4;

/** Maximum number of submitted items, unless there are so many engines that `MIN_PER_ENGINE` demands more. */
const MAX_ITEMS = 1000;

/**
 * The number of items that an `imap` with `maxOutstanding: "auto"` keeps submitted: as many as its consumer took in the
 * last two seconds, at least four per engine. Short items are thus sent by the hundred, while long or large items, and
 * items for a slow consumer, are not read far ahead.
 *
 * The number is updated each time that as many items have been taken. It at most doubles each time, so that one burst
 * has a limited effect.
 */
export class OutstandingWindow {
  readonly #least: number;
  readonly #now: () => number;
  #size: number;
  #taken = 0;
  #since: number;

  constructor(engines: number, now: () => number) {
    this.#least = Math.max(1, engines * MIN_PER_ENGINE);
    this.#size = this.#least;
    this.#now = now;
    this.#since = now();
  }

  get size(): number {
    return this.#size;
  }

  /** Records that the consumer has taken an item. */
  take(): void {
    if (++this.#taken < this.#size) return;
    const elapsedMs = Math.max(1, this.#now() - this.#since);
    const wanted = Math.round((this.#taken / elapsedMs) * AHEAD_MS);
    this.#size = Math.max(this.#least, Math.min(wanted, this.#size * 2, MAX_ITEMS));
    this.#taken = 0;
    this.#since = this.#now();
  }
}
