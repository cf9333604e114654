/**
 * Minimum patience, in milliseconds: how long invocations wait for busy environments before one is started beyond the
 * function's share. Starting an environment takes at least 100 ms of CPU, and a new one is slow at first; most
 * invocations of scheduler and report finish much sooner.
 */
export const PATIENCE_MS = 250;

/**
 * The patience is at least this many mean durations of invocations, up to `MAX_MS`, because they take longer on a busy
 * machine.
 */
const MEAN_DURATIONS = 4;

/**
 * Maximum patience, in milliseconds. Without a limit, one very long invocation, which raises the mean, could make the
 * others wait for long.
 */
const MAX_MS = 2000;

/** Weight of the last invocation in the mean duration. */
const NEWEST = 0.1;

/**
 * Decides whether invocations of a function that finishes soon, and uses the CPU meanwhile, have waited long enough for
 * another environment to be started. While environments keep becoming free, another environment would hardly serve the
 * invocations sooner.
 */
export class Patience {
  readonly #now: () => number;
  #movedAt = 0;
  #meanMs = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Called when an invocation begins to wait while no other waits, and when a waiting invocation gets an environment.
   */
  restart(): void {
    this.#movedAt = this.#now();
  }

  /** Called when an invocation has run, with its duration in milliseconds. */
  ran(milliseconds: number): void {
    this.#meanMs += NEWEST * (milliseconds - this.#meanMs);
  }

  isOver(): boolean {
    const patienceMs = Math.min(MAX_MS, Math.max(PATIENCE_MS, MEAN_DURATIONS * this.#meanMs));
    return this.#now() - this.#movedAt >= patienceMs;
  }
}
