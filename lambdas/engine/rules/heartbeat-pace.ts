/**
 * First and longest pause between the heartbeats of a lease, in milliseconds. The pause doubles while the same task
 * runs.
 */
const FIRST_MS = 1000;
const MAX_MS = 10_000;
/**
 * Delay of the heartbeat for new output, in milliseconds. A task that ends within this time reports the output with its
 * outcome instead.
 */
const SOON_MS = 100;

/** When the next heartbeat of a lease is due. At most one is in flight. */
export class HeartbeatPace {
  #pauseMs = FIRST_MS;
  #dueAt: number;
  #lastAt: number;
  #position: number | undefined;
  #isUnderWay = false;

  constructor(now: number) {
    this.#lastAt = now;
    this.#dueAt = now + FIRST_MS;
  }

  /** When the next heartbeat is due, epoch milliseconds; infinity while one is in flight. */
  get nextAt(): number {
    return this.#isUnderWay ? Number.POSITIVE_INFINITY : this.#dueAt;
  }

  isDue(now: number): boolean {
    return now >= this.nextAt;
  }

  /** Records a message to the report function about the lease. It replaces a heartbeat. */
  postpone(now: number): void {
    this.#lastAt = now;
    this.#dueAt = now + this.#pauseMs;
  }

  /**
   * Records new output: the next heartbeat is due a second after the last, but not before `SOON_MS` from now, unless it
   * was due sooner anyway.
   */
  hurry(now: number): void {
    this.#dueAt = Math.min(this.#dueAt, Math.max(this.#lastAt + FIRST_MS, now + SOON_MS));
  }

  /** Records that a heartbeat is being sent while the task at this position runs. */
  sent(now: number, position: number | undefined): void {
    this.#pauseMs = position === this.#position ? Math.min(MAX_MS, 2 * this.#pauseMs) : FIRST_MS;
    this.#position = position;
    this.#isUnderWay = true;
    this.postpone(now);
  }

  /** Records that the heartbeat in flight was answered or has failed. */
  over(): void {
    this.#isUnderWay = false;
  }
}
