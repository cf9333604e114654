const MB = 1024 * 1024;

/** A task may grow the process up to this part of the environment's memory; the rest is for getting rid of it. */
const LIMIT_SHARE = 0.92;

/** What a task may use at the least, however much the process uses before it starts. */
const LEAST_MB = 32;

/** Above this part of the limit memory is looked at more often. */
const NEAR_SHARE = 0.6;
const LOOK_MS = 50;
const LOOK_NEAR_MS = 10;

/**
 * Finds a task that is about to exhaust the environment's memory, before Lambda kills all of it.
 *
 * V8's own limit does not do: it knows nothing of buffers, and where it strikes it ends the process as often
 * as the thread (Node 24.9: 5 of 12 runs that filled 64 or 500 MB with arrays and strings).
 */
export class MemoryGuard {
  readonly #memoryMb: number;
  readonly #usedBytes: () => number;
  #limitBytes: number;
  #nextAt = 0;

  constructor(memoryMb: number, usedBytes: () => number = () => process.memoryUsage.rss()) {
    this.#memoryMb = memoryMb;
    this.#usedBytes = usedBytes;
    this.#limitBytes = memoryMb * LIMIT_SHARE * MB;
  }

  /** A fresh thread has started: what is used now is not its tasks' doing. */
  rebase(): void {
    this.#limitBytes = Math.max(this.#memoryMb * LIMIT_SHARE * MB, this.#usedBytes() + LEAST_MB * MB);
  }

  /** When to look next, in epoch milliseconds. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** Looks, if it is time to, and claims that the limit is passed. */
  isExceeded(now: number): boolean {
    if (now < this.#nextAt) return false;
    const used = this.#usedBytes();
    this.#nextAt = now + (used > this.#limitBytes * NEAR_SHARE ? LOOK_NEAR_MS : LOOK_MS);
    return used > this.#limitBytes;
  }

  /** How it is told to the user. */
  get message(): string {
    return `the task ran out of memory (the engine has ${this.#memoryMb} MB)`;
  }
}
