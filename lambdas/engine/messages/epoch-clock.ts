/**
 * Drift from the wall clock, in milliseconds, above which the clock is set again, for example after the environment was
 * frozen. A report takes longer than this. So if the machines' clocks agree, a task that waited for a task on another
 * engine does not seem to start before that task has ended.
 */
const DRIFT_MS = 1;

let anchor = performance.timeOrigin;

/** Epoch milliseconds with a fraction. Never goes back within a lease. */
export function epochNow(): number {
  return anchor + performance.now();
}

/**
 * Sets the clock if it has drifted from the wall clock. Call it before each lease, because `performance.now()` may stop
 * while the environment is frozen.
 */
export function anchorClock(): void {
  const wall = Date.now();
  if (Math.abs(epochNow() - wall) > DRIFT_MS) anchor = wall - performance.now();
}
