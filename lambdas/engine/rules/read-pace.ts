/** Bounds of the time between two reads for one task that waits, in milliseconds. */
const SHORTEST_MS = 5;
const LONGEST_MS = 250;

/** The time between two reads is this part of the time since the last news. */
const PART = 1 / 4;

/** Maximum pause between two reads of a session, in milliseconds. */
const LONGEST_PAUSE_MS = 250;

/** How long after a read without news the same outcomes are read again, in milliseconds. */
export function readAgainMs(sinceNewsMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, sinceNewsMs * PART));
}

/**
 * How long a session pauses between two reads, in milliseconds: as long as the last one took, so that reads for many
 * tasks that wait go together when the cluster is slow.
 */
export function readPauseMs(tookMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, tookMs);
}
