/** Initial and maximum pause before a session without work requests a lease again, in milliseconds. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1000;
const PAUSE_GROWTH = 1.5;

/**
 * How often a session whose tasks all wait requests work: often when something may have changed, then less and less.
 */
export class AskingPace {
  #pauseMs = FIRST_PAUSE_MS;

  /** Milliseconds until the next request. */
  get pauseMs(): number {
    return this.#pauseMs;
  }

  /** A request is being sent. */
  asked(): void {
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * PAUSE_GROWTH);
  }

  /** There may be work by now. */
  hurry(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
  }
}
