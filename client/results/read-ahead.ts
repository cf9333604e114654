import type { ItemPlace, ResultItems, Settled } from "./result-items.ts";

/** Maximum size of values to read before they are taken, in bytes. More are read when half of them were taken. */
const AHEAD_BYTES = 8 * 1024 * 1024;

/** What any item counts as at least, and an item of a chunk, whose size is known only once the chunk was read. */
const LEAST_BYTES = 32 * 1024;
const CHUNK_ITEM_BYTES = 512 * 1024;

/** Reads the outcomes of items a little before they are taken, so that neighbours in a pack are read together. */
export class ReadAhead {
  readonly #items: ResultItems;
  readonly #next: () => ItemPlace | undefined;
  readonly #reads: { place: ItemPlace; settled: Settled | Promise<Settled>; bytes: number }[] = [];
  #bytes = 0;

  /** @param next the next item whose task has finished, in the order in which they are taken; undefined: none yet */
  constructor(items: ResultItems, next: () => ItemPlace | undefined) {
    this.#items = items;
    this.#next = next;
  }

  /** Takes the next outcome; undefined if its task has not finished. */
  take(): { place: ItemPlace; settled: Settled | Promise<Settled> } | undefined {
    if (this.#bytes <= AHEAD_BYTES / 2) this.#fill();
    const first = this.#reads.shift();
    this.#bytes -= first?.bytes ?? 0;
    return first;
  }

  #fill(): void {
    while (this.#bytes < AHEAD_BYTES) {
      const place = this.#next();
      if (place === undefined) return;
      const settled = this.#items.read(place);
      // Its error is thrown when it is taken.
      if (settled instanceof Promise) settled.catch(() => undefined);
      const bytes = this.#bytesOf(place);
      this.#bytes += bytes;
      this.#reads.push({ place, settled, bytes });
    }
  }

  #bytesOf({ outcomes, task }: ItemPlace): number {
    if (this.#items.itemsOf(outcomes, task) > 1) return CHUNK_ITEM_BYTES;
    const value = outcomes.value(task);
    return Math.max(LEAST_BYTES, typeof value === "object" ? value.bytes : 0);
  }
}
