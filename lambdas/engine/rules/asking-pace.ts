/** Initial and maximum pause before a session without work requests a lease again, in milliseconds. */
const FIRST_PAUSE_MS = 5;
const MAX_PAUSE_MS = 1000;
const PAUSE_GROWTH = 1.5;

/**
 * Decides how often a session whose tasks are all parked requests work: soon after something may have changed, then
 * less and less often.
 */
export class AskingPace {
  #pauseMs = FIRST_PAUSE_MS;

  /** Milliseconds until the next request. */
  get pauseMs(): number {
    return this.#pauseMs;
  }

  /** Records that a request is being sent. */
  asked(): void {
    this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * PAUSE_GROWTH);
  }

  /** Records that there may be work, so that the next request is sent soon. */
  hurry(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
  }
}
