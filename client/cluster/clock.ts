import type { Clock } from "../../lambdas/adapters/clock.ts";

export { type Clock, pause } from "../../lambdas/adapters/clock.ts";

/** The clock of this process. A pending callback keeps the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
