/** Minimum time between two loads, in milliseconds, and as a multiple of the last load's duration. */
const PAUSE_MS = 2000;
const SHARE = 5;

/** Loads something again when the number of ended tasks has changed, but not too often. */
export class Reloader {
  readonly #load: () => Promise<void>;
  /** Number of ended tasks at the last load, and the earliest time of the next one. */
  #ended = -1;
  #notBefore = 0;
  #isLoading = false;

  constructor(load: () => Promise<void>) {
    this.#load = load;
  }

  /** Loads if more tasks have ended. */
  update(ended: number): void {
    if (this.#isLoading || ended === this.#ended || performance.now() < this.#notBefore) return;
    this.#isLoading = true;
    void this.#loadNow(ended);
  }

  async #loadNow(ended: number): Promise<void> {
    const began = performance.now();
    await this.#load();
    const now = performance.now();
    this.#ended = ended;
    this.#notBefore = now + Math.max(PAUSE_MS, SHARE * (now - began));
    this.#isLoading = false;
  }
}
