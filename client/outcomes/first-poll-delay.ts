/** The maximum wait before the first poll, in milliseconds. */
const MAX_MS = 30;

/** Only times up to this many milliseconds are averaged: those of longer tasks do not predict a short task's. */
const SHORT_MS = 100;

/** The expected time shrinks by this factor each time that the first poll finds the outcome. */
const SHRINKS_TO = 0.9;

/**
 * Learns from earlier calls how long a single short task takes from its acceptance until its outcome can be read. The
 * first poll should come neither too early, which costs a read, nor too late.
 *
 * A poll that finds the outcome does not show how long the outcome could already be read. So the expected time shrinks
 * until a poll finds nothing.
 */
export class FirstPollDelay {
  #ms = 2;

  /** Milliseconds from the acceptance of a job to the first poll. */
  get ms(): number {
    return this.#ms;
  }

  /**
   * Records that a single task's outcome was found.
   *
   * @param tookMs milliseconds from the acceptance until the outcome was found
   * @param polls number of polls, including the one that found it
   */
  found(tookMs: number, polls: number): void {
    if (polls <= 1) this.#ms *= SHRINKS_TO;
    else if (tookMs <= SHORT_MS) this.#ms = Math.min(MAX_MS, (this.#ms + 3 * tookMs) / 4);
  }
}
