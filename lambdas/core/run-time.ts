/** Measures how long a function runs, invocation by invocation. */
export class RunTime {
  readonly #now: () => number;
  #ms = 0;
  #since: number | undefined;

  /** @param now returns a time in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Records that an invocation begins. */
  begin(): void {
    this.#since = this.#now();
  }

  /** Records that the invocation has ended. */
  end(): void {
    this.#measure();
    this.#since = undefined;
  }

  /**
   * Returns the run time since the last call of `take`, in milliseconds, including that of the current invocation so
   * far.
   */
  take(): number {
    this.#measure();
    const ms = this.#ms;
    this.#ms = 0;
    return ms;
  }

  #measure(): void {
    if (this.#since === undefined) return;
    const now = this.#now();
    this.#ms += Math.max(0, now - this.#since);
    this.#since = now;
  }
}
