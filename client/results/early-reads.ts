import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { BegunRead, ItemLocation, ResultItems } from "./result-items.ts";

/**
 * Reads large values as soon as their tasks end, while others still run. The values of tasks that end in one page are
 * read together. All values are kept, so this is only for callers that take all of them.
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

  /** The read of an item's outcome; undefined if none has begun. The read resolves to undefined if it has failed. */
  of({ outcomes, task, offset }: ItemLocation): BegunRead | undefined {
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
      // Ignore the error here: the value is read again when it is taken, and that read throws it.
      reads.push(Promise.resolve(this.#items.read({ outcomes, task, offset })).catch(ignored));
    const own = this.#reads.get(outcomes) ?? new Map<number, BegunRead[]>();
    this.#reads.set(outcomes, own.set(task, reads));
  }
}

function ignored(): undefined {}
