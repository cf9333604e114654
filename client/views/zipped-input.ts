import type { Clock } from "../cluster/clock.ts";
import { AnyResult, KNOWN } from "../flags/any-result.ts";
import { isAsyncIterable } from "../flags/iterables.ts";
import { checkSequence } from "./sequences.ts";

/** Maximum wait for closing, in milliseconds, if an input is still producing an item when the loop is left. */
const CLOSE_MS = 1000;

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** Zips sequences, some of which may be asynchronous, into argument lists, until the shortest ends. */
export class ZippedInput {
  readonly #clock: Clock;
  /** The iterators that have neither ended nor thrown. */
  readonly #open: Set<AnyIterator>;
  readonly #iterators: readonly AnyIterator[];
  #isBusy = false;

  constructor(sequences: readonly unknown[], clock: Clock) {
    this.#clock = clock;
    const known = sequences.map((sequence) => (sequence instanceof AnyResult && sequence[KNOWN].items) || sequence);
    this.#iterators = known.map((sequence, at) => {
      if (isAsyncIterable(sequence)) return sequence[Symbol.asyncIterator]();
      checkSequence(sequence, "imap", at);
      return sequence[Symbol.iterator]();
    });
    this.#open = new Set(this.#iterators);
  }

  /** Reads the next argument list; `undefined` at the end. */
  async next(): Promise<unknown[] | undefined> {
    this.#isBusy = true;
    try {
      const row: unknown[] = [];
      for (const iterator of this.#iterators) {
        const item = await this.#nextOf(iterator);
        if (item === undefined) return undefined;
        // Results are not awaited here: the task that takes one waits for it.
        row.push(item.value instanceof AnyResult ? item.value : await item.value);
      }
      return row;
    } finally {
      this.#isBusy = false;
    }
  }

  /**
   * Closes the sequences that have not ended, as leaving a `for` loop does, and waits for them. A sequence that is
   * still producing an item, such as a generator that awaits something, may never close; then the wait is limited to
   * one second.
   *
   * @throws the error that a sequence threw while closing
   */
  async close(): Promise<void> {
    const open = [...this.#open];
    this.#open.clear();
    const closing = Promise.all(open.map(async (iterator) => iterator.return?.()));
    if (!this.#isBusy) {
      await closing;
      return;
    }
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#clock.after(CLOSE_MS, resolve);
    });
    await Promise.race([closing, late]).finally(() => cancel());
  }

  async #nextOf(iterator: AnyIterator): Promise<{ value: unknown } | undefined> {
    try {
      const { done, value } = await iterator.next();
      if (!done) return { value };
    } catch (error) {
      this.#open.delete(iterator);
      throw error;
    }
    this.#open.delete(iterator);
    return undefined;
  }
}
