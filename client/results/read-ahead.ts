import type { ItemLocation, ResultItems, Settled } from "./result-items.ts";

/**
 * Maximum size of the values that are read ahead, in bytes. When half of them have been taken, further ones are read.
 */
const AHEAD_BYTES = 8 * 1024 * 1024;

/**
 * Sizes that the limit assumes, in bytes: the minimum for any item, and the size of an item of a chunk, which is
 * unknown until the chunk is read.
 */
const MIN_BYTES = 32 * 1024;
const CHUNK_ITEM_BYTES = 512 * 1024;

/**
 * Reads the outcomes of items shortly before they are taken, so that values next to each other in a pack are read by
 * one request.
 */
export class ReadAhead<Place extends ItemLocation = ItemLocation> {
  readonly #items: ResultItems;
  readonly #next: () => Place | undefined;
  readonly #reads: { place: Place; settled: Settled | Promise<Settled>; bytes: number }[] = [];
  #bytes = 0;

  /** @param next returns the next item in the order of taking; undefined while its task has not finished */
  constructor(items: ResultItems, next: () => Place | undefined) {
    this.#items = items;
    this.#next = next;
  }

  /** Takes the next outcome; undefined if its task has not finished. */
  take(): { place: Place; settled: Settled | Promise<Settled> } | undefined {
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
      // The error is thrown when the value is taken.
      if (settled instanceof Promise) settled.catch(() => undefined);
      const bytes = this.#bytesOf(place);
      this.#bytes += bytes;
      this.#reads.push({ place, settled, bytes });
    }
  }

  #bytesOf({ outcomes, task }: ItemLocation): number {
    if (this.#items.itemsOf(outcomes, task) > 1) return CHUNK_ITEM_BYTES;
    const value = outcomes.value(task);
    return Math.max(MIN_BYTES, typeof value === "object" ? value.bytes : 0);
  }
}
