const MB = 1024 * 1024;

/** Share of the environment's memory that may be in use while a task runs. The rest is needed to end its thread. */
const LIMIT_SHARE = 0.92;

/** Memory that tasks may always use, in megabytes, even if the process uses much when their thread starts. */
const MIN_MB = 32;

/** Interval between measurements, in milliseconds. */
const MEASURE_MS = 50;

/** Above this share of the limit, memory is measured more often. */
const NEAR_SHARE = 0.6;

/** Interval between measurements above `NEAR_SHARE`, in milliseconds. */
const MEASURE_NEAR_MS = 10;

/**
 * Finds a task that is about to exhaust the environment's memory, before Lambda kills the environment.
 *
 * V8's own limit is not enough: it does not count buffers, and often ends the whole process instead of the thread (Node
 * 24.9: in 5 of 12 runs that filled 64 or 500 MB with arrays and strings).
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

  /** Adjusts the limit to a new thread, whose tasks are not to blame for the memory in use now. */
  rebase(): void {
    this.#limitBytes = Math.max(this.#memoryMb * LIMIT_SHARE * MB, this.#usedBytes() + MIN_MB * MB);
  }

  /** When to measure next, in epoch milliseconds. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** Whether memory use exceeds the limit. Measures only if a measurement is due; otherwise false. */
  isExceeded(now: number): boolean {
    if (now < this.#nextAt) return false;
    const used = this.#usedBytes();
    this.#nextAt = now + (used > this.#limitBytes * NEAR_SHARE ? MEASURE_NEAR_MS : MEASURE_MS);
    return used > this.#limitBytes;
  }

  /** The message for the user. */
  get message(): string {
    return `the task ran out of memory (the engine has ${this.#memoryMb} MB)`;
  }
}
