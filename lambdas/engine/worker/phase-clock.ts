import { type AttemptPhases, MAX_WAITS, packPhases } from "../../protocol/attempt-phases.ts";

/**
 * Requests of outcomes at most this far apart, in milliseconds, count as one wait: a waiting task polls.
 */
const SAME_WAIT_MS = 2000;

/** Measures how the time before and during one attempt is spent. Times are epoch milliseconds. */
export class PhaseClock {
  readonly #started: number;
  readonly #cold: number;
  readonly #fetched: number;
  readonly #waits: [from: number, to: number][] = [];

  /**
   * @param ready when everything but the task's large arguments was available
   * @param coldFrom when the engine's process started; undefined for all but its first task
   */
  constructor(started: number, ready: number, coldFrom: number | undefined) {
    this.#started = started;
    this.#cold = coldFrom === undefined ? 0 : Math.max(0, ready - coldFrom);
    this.#fetched = Math.max(0, started - ready);
  }

  /** Records that the task waits for other tasks from a time on. The returned function ends the wait. */
  wait(from: number): (to: number) => void {
    const last = this.#waits.at(-1);
    const isNew = last === undefined || (from - last[1] > SAME_WAIT_MS && this.#waits.length < MAX_WAITS);
    const wait: [number, number] = isNew ? [from, from] : last;
    if (isNew) this.#waits.push(wait);
    return (to) => {
      wait[1] = Math.max(wait[1], to);
    };
  }

  /** The phases of an attempt that has ended; empty if none took a millisecond. */
  known(completed: number): { phases?: AttemptPhases } {
    if (this.#cold < 1 && this.#fetched < 1 && this.#waits.length === 0) return {};
    const parked = this.#waits.map(([from, to]): [number, number] => [
      from - this.#started,
      Math.min(to, completed) - from,
    ]);
    const phases = { cold: this.#cold, fetched: this.#fetched, parked };
    return packPhases(phases) ? { phases } : {};
  }
}
