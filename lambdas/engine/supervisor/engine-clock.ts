import type { Clock } from "../../adapters/clock.ts";
import { epochNow } from "../messages/epoch-clock.ts";

/** Longest delay of a timer, in milliseconds: with a longer one, Node's timers fire at once. */
const MAX_MS = 2 ** 31 - 1;

/**
 * The clock of this environment. It agrees with the clocks of its threads. A timer with a delay of more than 24 days
 * fires after 24 days.
 */
export const engineClock: Clock = {
  now: epochNow,
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms), MAX_MS));
    return () => clearTimeout(timer);
  },
};
