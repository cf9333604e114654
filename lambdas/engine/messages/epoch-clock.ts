/**
 * Maximum drift in milliseconds before the clock is set again: the environment was frozen, or the wall clock was
 * changed. A report takes longer, so a task never seems to start before a task on another engine that it waited for.
 */
const DRIFT_MS = 1;

let anchor = performance.timeOrigin;

/** Epoch milliseconds with a fraction. Never goes back within a lease. */
export function epochNow(): number {
  return anchor + performance.now();
}

/** Called before each lease: `performance.now()` may have stood still while the environment was frozen. */
export function anchorClock(): void {
  const wall = Date.now();
  if (Math.abs(epochNow() - wall) > DRIFT_MS) anchor = wall - performance.now();
}
