/** The longest wait before the first look, in milliseconds. */
const LONGEST_MS = 30;

/** A job that takes longer than this teaches nothing about the next one. */
const SHORT_MS = 100;

/** The expected time shrinks by this factor each time that the first look finds the outcome. */
const SHRINKS_TO = 0.9;

/**
 * Learns from the calls of one session how long a single short task takes from its acceptance until its outcome can be
 * read, so that the first look neither comes too early, which costs a read, nor too late.
 *
 * A look that finds the outcome does not tell how long that has been there. So the expectation shrinks until a look
 * misses.
 */
export class FirstLook {
  #ms = 2;

  /** Milliseconds from the acceptance of a job to the first look. */
  get ms(): number {
    return this.#ms;
  }

  /**
   * Takes note of a single task's outcome.
   *
   * @param tookMs milliseconds from the acceptance until the outcome was found
   * @param looks number of looks, the one that found it included
   */
  found(tookMs: number, looks: number): void {
    if (looks <= 1) this.#ms *= SHRINKS_TO;
    else if (tookMs <= SHORT_MS) this.#ms = Math.min(LONGEST_MS, (this.#ms + 3 * tookMs) / 4);
  }
}
