/** Least time between two loads, in milliseconds, and how many times as long as the last load it is. */
const PAUSE_MS = 2000;
const SHARE = 5;

/** Loads something again when the number of ended tasks has changed, but not too often. */
export class Reloader {
  readonly #load: () => Promise<void>;
  /** Number of ended tasks in what was loaded, and when it may be loaded again. */
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
