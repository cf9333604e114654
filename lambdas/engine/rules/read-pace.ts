/** Bounds of the time between two reads for one task that waits, in milliseconds. */
const MIN_MS = 5;
const MAX_MS = 250;

/** The time between two reads is this part of the time since the last news, within the bounds. */
const PART = 1 / 4;

/**
 * Maximum pause between two reads of a session, in milliseconds: `idle` while it has nothing to run, otherwise `busy`.
 */
const MAX_PAUSE_MS = { idle: 250, busy: 1000 };

/**
 * The pause between two reads of a session that has other tasks to run, as a multiple of the last read's duration. A
 * waiting task that continues a little later does not leave this engine idle, and reads take CPU from the other tasks.
 */
const BUSY_FACTOR = 4;

/** How long after a read without news the same outcomes are read again, in milliseconds. */
export function readAgainMs(sinceNewsMs: number): number {
  return Math.min(MAX_MS, Math.max(MIN_MS, sinceNewsMs * PART));
}

/**
 * How long a session pauses between two reads, in milliseconds: as long as the last read took, or longer while it has
 * tasks to run, up to a maximum. So a slow cluster gets fewer reads, each for more waiting tasks.
 */
export function readPauseMs(tookMs: number, isBusy: boolean): number {
  return isBusy ? Math.min(MAX_PAUSE_MS.busy, BUSY_FACTOR * tookMs) : Math.min(MAX_PAUSE_MS.idle, tookMs);
}
