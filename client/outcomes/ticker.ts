import type { TickMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import type { Clock } from "../cluster/clock.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/** Silence after which waiting code first wakes the scheduler. */
export const FIRST_GAP_MS = 2000;

/**
 * Longest time between two ticks of waiting code. Work of a scheduler that died between claim and lease is recalled
 * by the second look that misses it: a look 3 s after the last one, this gap, and 4.5 s between the two must stay
 * below 15 s together.
 */
export const LONGEST_GAP_MS = 6000;

/** Minimum interval of checks: thousands of watched jobs each call `consider` after each look. */
const CONSIDER_MS = 5;
/** Waiting code looks at least once a second; after this long without a look, nothing was waited for. */
const NOBODY_WAITS_MS = 3000;
const TICK = JSON.stringify({ type: "tick" } satisfies TickMessage);

/**
 * Wakes the scheduler on behalf of waiting code: when something is due as far as the client knows; after 2 s without
 * news, then at growing intervals of up to 6 s; every 6 s while news keeps coming, since one task may be lost among
 * many; and when the scheduler asks for it or has failed.
 */
export class Ticker {
  readonly #cloud: CloudPort;
  readonly #clock: Clock;
  #lastNews: number;
  #lastTick = 0;
  #lastConsidered = 0;
  /** Since when something has been waited for all the time. */
  #waitingSince = 0;
  #gap = FIRST_GAP_MS;
  /** When the scheduler wants the next tick. */
  #askedFor = Number.POSITIVE_INFINITY;
  #isAsking = false;

  constructor(cloud: CloudPort, clock: Clock) {
    this.#cloud = cloud;
    this.#clock = clock;
    this.#lastNews = clock.now();
  }

  /** When the next tick is due if there is no news until then, epoch milliseconds; infinite while one is under way. */
  get nextAt(): number {
    if (this.#isAsking) return Number.POSITIVE_INFINITY;
    return Math.min(Math.max(this.#lastNews, this.#lastTick) + this.#gap, this.#askedFor);
  }

  news(time: number): void {
    this.#lastNews = time;
    this.#gap = FIRST_GAP_MS;
  }

  /** Sends a tick if one is due. */
  consider(watched: Iterable<JobOutcomes>): void {
    const now = this.#clock.now();
    if (this.#isAsking || now - this.#lastConsidered < CONSIDER_MS) return;
    if (now - this.#lastConsidered > NOBODY_WAITS_MS) this.#waitingSince = now;
    this.#lastConsidered = now;
    const isSilent = now - Math.max(this.#lastNews, this.#lastTick) >= this.#gap;
    const isOverdue = now - Math.max(this.#lastTick, this.#waitingSince) >= LONGEST_GAP_MS;
    if (!isSilent && !isOverdue && now < this.#askedFor && !this.#isDue(watched, now)) return;
    if (isSilent) this.#gap = Math.min(LONGEST_GAP_MS, this.#gap * 2);
    this.#lastTick = now;
    this.#isAsking = true;
    this.#askedFor = Number.POSITIVE_INFINITY;
    const done = (again = Number.POSITIVE_INFINITY) => {
      this.#isAsking = false;
      this.#askedFor = this.#clock.now() + again;
    };
    // Losing a tick is harmless: another one, or the sweep, does the same.
    this.#cloud.ask(TICK).then(
      (answer) => done(answer.type === "ok" ? answer.again : undefined),
      () => done(FIRST_GAP_MS),
    );
  }

  #isDue(watched: Iterable<JobOutcomes>, now: number): boolean {
    for (const outcomes of watched) if ((outcomes.dueAfter(this.#lastTick) ?? now + 1) <= now) return true;
    return false;
  }
}
