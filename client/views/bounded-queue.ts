/**
 * Promises under way, at most so many at one time, given out in the order in which they were put in, or in which they resolve.
 * Whoever puts in waits for room, whoever takes out for the next; what was taken out is not kept. The promises never reject.
 */
export class BoundedQueue<T> {
  readonly #bound: number;
  /** How many must have been taken out before a full queue takes in again, so that several items travel in one message. */
  readonly #refill: number;
  readonly #isOrdered: boolean;
  /** What is to be taken out next: ordered, as it was put in; else what has resolved. */
  #entries: (Promise<T> | undefined)[] = [];
  #head = 0;
  #size = 0;
  #isFull = false;
  #isOver = false;
  #isClosed = false;
  #wakeTaker = () => {};
  #wakePutter = () => {};

  constructor(bound: number, isOrdered: boolean) {
    this.#bound = bound;
    this.#refill = Number.isFinite(bound) ? Math.ceil(bound / 4) : 0;
    this.#isOrdered = isOrdered;
  }

  /** Resolves when there is room: true; or when nobody takes out any more: false. */
  async room(): Promise<boolean> {
    while (!this.#isClosed && this.#size > (this.#isFull ? this.#bound - this.#refill : this.#bound - 1)) {
      this.#isFull = true;
      await new Promise<void>((resolve) => {
        this.#wakePutter = resolve;
      });
    }
    this.#isFull = false;
    return !this.#isClosed;
  }

  put(promise: Promise<T>): void {
    this.#size++;
    if (this.#isOrdered) this.#enter(promise);
    else void promise.then(() => this.#enter(promise));
  }

  /** Nothing more is put in. */
  end(): void {
    this.#isOver = true;
    this.#wakeTaker();
  }

  /** Nothing more is put in or taken out. What is left is forgotten. */
  close(): void {
    this.#isClosed = true;
    this.#entries = [];
    this.#head = 0;
    this.#wakePutter();
    this.#wakeTaker();
  }

  /** The next, as soon as it is there; `undefined` when all were taken out and nothing more is put in, or the queue was closed. */
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

  /** Moving all that are behind the first at each step would cost more than they do; so a half is let go of at one time. */
  #drop(): void {
    this.#entries[this.#head++] = undefined;
    if (this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
