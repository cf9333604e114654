import { performance } from "node:perf_hooks";

const PARTS = 10;

/** Measures how many results arrive per second in each tenth of a run. */
export class Deciles {
  readonly #total: number;
  readonly #ends: number[] = [];
  readonly #now: () => number;
  readonly #began: number;
  #arrived = 0;

  /** @param total number of results that will arrive */
  constructor(total: number, now: () => number = () => performance.now()) {
    this.#total = total;
    this.#now = now;
    this.#began = now();
  }

  /** Records results that have just arrived. */
  arrive(results = 1): void {
    this.#arrived += results;
    while (this.#ends.length < PARTS && this.#arrived >= ((this.#ends.length + 1) * this.#total) / PARTS)
      this.#ends.push(this.#now());
  }

  /** Number of results so far. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Results per second in each tenth that is complete. */
  rates(): number[] {
    return this.#ends.map((end, at) => {
      const seconds = (end - (this.#ends[at - 1] ?? this.#began)) / 1000;
      return this.#total / PARTS / Math.max(seconds, 1e-3);
    });
  }
}

/**
 * The fastest tenth's rate divided by the slowest one's. The first tenth, in which engines and code start, is left out.
 */
export function spreadOf(rates: readonly number[]): number {
  const steady = rates.slice(1);
  return steady.length === 0 ? Number.NaN : Math.max(...steady) / Math.min(...steady);
}
