/**
 * A bounded queue of pending promises, which are taken in the order of insertion or in the order in which they resolve.
 *
 * `room` waits for space, `take` for the next value. Taken values are not kept. The promises must never reject.
 */
export class BoundedQueue<T> {
  readonly #bound: () => number;
  readonly #isOrdered: boolean;
  /** The entries that `take` returns next: if ordered, the promises as inserted, otherwise those that have resolved. */
  #entries: (Promise<T> | undefined)[] = [];
  #head = 0;
  #size = 0;
  #isFull = false;
  #isOver = false;
  #isClosed = false;
  #wakeTaker = () => {};
  #wakePutter = () => {};

  /** @param bound returns the maximum number of values in the queue; called each time that the queue may accept one */
  constructor(bound: () => number, isOrdered: boolean) {
    this.#bound = bound;
    this.#isOrdered = isOrdered;
  }

  /** Resolves to true when there is room, and to false once the queue is closed. */
  async room(): Promise<boolean> {
    while (!this.#isClosed && this.#size >= this.#limit()) {
      this.#isFull = true;
      await new Promise<void>((resolve) => {
        this.#wakePutter = resolve;
      });
    }
    this.#isFull = false;
    return !this.#isClosed;
  }

  /**
   * A full queue accepts values again once half of them have been taken, so that several items travel in one message.
   */
  #limit(): number {
    const bound = this.#bound();
    return this.#isFull && Number.isFinite(bound) ? Math.floor(bound / 2) + 1 : bound;
  }

  put(promise: Promise<T>): void {
    this.#size++;
    if (this.#isOrdered) this.#enter(promise);
    else void promise.then(() => this.#enter(promise));
  }

  /** Ends the input: `take` returns undefined after the last value. */
  end(): void {
    this.#isOver = true;
    this.#wakeTaker();
  }

  /** Closes the queue for both sides and drops its contents. */
  close(): void {
    this.#isClosed = true;
    this.#entries = [];
    this.#head = 0;
    this.#wakePutter();
    this.#wakeTaker();
  }

  /** Takes the next value, waiting for it if necessary; `undefined` once the queue is empty and ended, or closed. */
  async take(): Promise<{ value: T } | undefined> {
    let next = this.#entries[this.#head];
    while (next === undefined) {
      if (this.#isClosed || (this.#isOver && this.#size === 0)) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve;
      });
      next = this.#entries[this.#head];
    }
    const value = await next;
    if (this.#isClosed) return undefined;
    this.#drop();
    this.#size--;
    this.#wakePutter();
    return { value };
  }

  #enter(promise: Promise<T>): void {
    if (this.#isClosed) return;
    this.#entries.push(promise);
    this.#wakeTaker();
  }

  /**
   * Drops the first entry. Shifting the array each time would be slow, so it is compacted only once half of it has been
   * dropped.
   */
  #drop(): void {
    this.#entries[this.#head++] = undefined;
    if (this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
