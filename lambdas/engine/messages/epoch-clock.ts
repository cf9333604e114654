/**
 * Beyond this much the anchor is set anew: the environment was frozen meanwhile, or the wall clock was set. A report takes
 * longer, so a task on one engine does not seem to start before one on another that it waited for.
 */
const DRIFT_MS = 1;

let anchor = performance.timeOrigin;

/** Epoch milliseconds with a fraction, never going back within a lease. */
export function epochNow(): number {
  return anchor + performance.now();
}

/** Called before each lease: a frozen environment's `performance.now()` may stand still while the world goes on. */
export function anchorClock(): void {
  const wall = Date.now();
  if (Math.abs(epochNow() - wall) > DRIFT_MS) anchor = wall - performance.now();
}
