import type { TickMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import type { Clock } from "../cluster/clock.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/** Time without news after which waiting code first wakes the scheduler, in milliseconds. */
export const FIRST_GAP_MS = 2000;

/**
 * Maximum time between two ticks of waiting code, in milliseconds. If a scheduler dies after claiming tasks and before
 * leasing them, the tasks are recalled when a second check also finds them missing. The time until the first check (3 s
 * after the last news), this gap, and the 4.5 s between the two checks must add up to less than 15 s.
 */
export const MAX_GAP_MS = 6000;

/**
 * Minimum time between two checks for a due tick, in milliseconds: thousands of watched jobs each call `consider` after
 * every poll.
 */
const CONSIDER_MS = 5;
/** If there was no poll for this many milliseconds, nothing was waiting: waiting code polls at least once a second. */
const NOBODY_WAITS_MS = 3000;
const TICK = JSON.stringify({ type: "tick" } satisfies TickMessage);
const DUE_TICK = JSON.stringify({ type: "tick", due: true } satisfies TickMessage);

/**
 * Wakes the scheduler on behalf of waiting code:
 * - when something is due as far as the client knows;
 * - after 2 s without news, then at growing intervals of up to 6 s;
 * - every 6 s while news keeps coming, because one task of many may be lost;
 * - when the scheduler asks for it or has failed.
 */
export class Ticker {
  readonly #cloud: CloudPort;
  readonly #clock: Clock;
  #lastNews: number;
  #lastTick = 0;
  #lastConsidered = 0;
  /** The time since which something has been waiting without a break. */
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

  /**
   * When the next tick is due if there is no news until then, in epoch milliseconds; infinite while one is in flight.
   */
  get nextAt(): number {
    if (this.#isAsking) return Number.POSITIVE_INFINITY;
    return Math.min(Math.max(this.#lastNews, this.#lastTick) + this.#gap, this.#askedFor);
  }

  news(time: number): void {
    this.#lastNews = time;
    this.#gap = FIRST_GAP_MS;
  }

  /** Sends a tick if one is due. `watched`: the jobs that something waits for. */
  consider(watched: Iterable<JobOutcomes>): void {
    const now = this.#clock.now();
    if (this.#isAsking || now - this.#lastConsidered < CONSIDER_MS) return;
    if (now - this.#lastConsidered > NOBODY_WAITS_MS) this.#waitingSince = now;
    this.#lastConsidered = now;
    const isSilent = now - Math.max(this.#lastNews, this.#lastTick) >= this.#gap;
    const isOverdue = now - Math.max(this.#lastTick, this.#waitingSince) >= MAX_GAP_MS;
    const isDue = this.#isDue(watched, now);
    if (!isSilent && !isOverdue && now < this.#askedFor && !isDue) return;
    if (isSilent) this.#gap = Math.min(MAX_GAP_MS, this.#gap * 2);
    this.#lastTick = now;
    this.#isAsking = true;
    this.#askedFor = Number.POSITIVE_INFINITY;
    const done = (again = Number.POSITIVE_INFINITY) => {
      this.#isAsking = false;
      this.#askedFor = this.#clock.now() + again;
    };
    // Losing a tick is harmless: a later tick, or the sweep, does the same work.
    this.#cloud.ask(isDue ? DUE_TICK : TICK).then(
      (answer) => done(answer.type === "ok" ? answer.again : undefined),
      () => done(FIRST_GAP_MS),
    );
  }

  #isDue(watched: Iterable<JobOutcomes>, now: number): boolean {
    for (const outcomes of watched) if ((outcomes.dueAfter(this.#lastTick) ?? now + 1) <= now) return true;
    return false;
  }
}
