/**
 * Maximum size, in megabytes, of the young generation in the heap of each of the cloud's threads. It is less than
 * Node's default of 48, because a thread keeps this memory while it is idle.
 */
export const YOUNG_MB = 6;
