import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { BegunRead, ItemPlace, ResultItems } from "./result-items.ts";

/**
 * Reads large values as their tasks end, while the others still run: those that end in one page are read together. Only
 * for callers that will take all values, since they are kept until then.
 */
export class EarlyReads {
  readonly #items: ResultItems;
  readonly #reads = new Map<JobOutcomes, Map<number, BegunRead[]>>();
  readonly #releases: (() => void)[] = [];

  constructor(items: ResultItems) {
    this.#items = items;
    for (const { outcomes, from, to } of items.parts) {
      if (outcomes.missingBetween(from, to) === 0) continue;
      for (let task = from; task < to; task++) if (outcomes.isFinal(task)) this.#read(outcomes, task);
      this.#releases.push(outcomes.waiters.add(from, to, (task) => this.#read(outcomes, task), ignored));
    }
  }

  /** The outcome of an item, if it is being read; undefined, or a promise of that if the read has failed, otherwise. */
  of({ outcomes, task, offset }: ItemPlace): BegunRead | undefined {
    return this.#reads.get(outcomes)?.get(task)?.[offset];
  }

  /** Begins no more reads. */
  end(): void {
    for (const release of this.#releases.splice(0)) release();
  }

  #read(outcomes: JobOutcomes, task: number): void {
    if (!this.#items.isStored(outcomes, task)) return;
    const reads: BegunRead[] = [];
    for (let offset = 0; offset < this.#items.itemsOf(outcomes, task); offset++)
      // The error comes from the next read, when the value is taken.
      reads.push(Promise.resolve(this.#items.read({ outcomes, task, offset })).catch(ignored));
    const own = this.#reads.get(outcomes) ?? new Map<number, BegunRead[]>();
    this.#reads.set(outcomes, own.set(task, reads));
  }
}

function ignored(): undefined {}
