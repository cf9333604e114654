import type { Watch } from "./watched-job.ts";

/** Number of jobs that are polled at their own pace. */
const TURNS = 4;
/** Any other job is polled once in this time, multiplied by the number of watched jobs, in milliseconds. */
const OTHERS_MS = 10;
const MAX_MS = 30_000;
/** A job passes its turn on if it had no news for this long, in milliseconds. */
const SILENT_MS = 1000;

/**
 * Limits how often jobs are polled while many are watched. Jobs run more or less in the order of submission, so polls of
 * later ones would find nothing. Up to `TURNS` jobs are polled at their own pace. The others are polled rarely, so that
 * the rate of their polls does not depend on their number. When a job ends, the next one that was watched gets its turn.
 */
export class PollTurns {
  readonly #watches: ReadonlyMap<unknown, Watch>;
  /** The jobs that have a turn, and since when. */
  readonly #holders = new Map<Watch, number>();
  /** Where to look for the next job without a turn. It continues when a job is added to the watched ones. */
  #next: Iterator<Watch> | undefined;

  /** @param watches the watched jobs, in the order in which the watches began */
  constructor(watches: ReadonlyMap<unknown, Watch>) {
    this.#watches = watches;
  }

  /** Gives a job that has just been watched a turn if one is free. */
  join(watch: Watch, now: number): void {
    if (this.#holders.size < TURNS) this.#holders.set(watch, now);
  }

  /** Takes the turn of a job. Returns the job that gets it, if any. */
  leave(watch: Watch, now: number, why: "ended" | "silent"): Watch | undefined {
    if (!this.#holders.delete(watch) || this.#watches.size <= this.#holders.size) return undefined;
    const next = this.#following(watch);
    if (!next) return undefined;
    this.#holders.set(next, now);
    // After the end of one job, that of the next is near: its pace begins again.
    if (why === "ended") next.lastNews = now;
    return next;
  }

  /** The pause before the next poll of a job, whose own pace asks for `ms`. */
  pause(watch: Watch, ms: number): number {
    return this.#holders.has(watch) ? ms : Math.max(ms, Math.min(MAX_MS, this.#watches.size * OTHERS_MS));
  }

  /** Whether others wait for the turn of a job that has had no news for a while. */
  isOver(watch: Watch, now: number): boolean {
    const since = this.#holders.get(watch);
    const isCrowded = this.#watches.size > this.#holders.size;
    return isCrowded && since !== undefined && now - Math.max(since, watch.lastNews) >= SILENT_MS;
  }

  #following(left: Watch): Watch | undefined {
    for (let round = 0; round < 2; round++) {
      this.#next ??= this.#watches.values();
      for (let { value, done } = this.#next.next(); !done; { value, done } = this.#next.next())
        if (value !== left && !this.#holders.has(value)) return value;
      this.#next = undefined;
    }
    return undefined;
  }
}
