/** Lambda's limits, enforced here so that code that exceeds them fails here too. */

/** Largest event and largest result of a synchronous invocation, in bytes. */
export const SYNC_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Largest event of an asynchronous invocation, in bytes. */
export const EVENT_PAYLOAD_BYTES = 1024 * 1024;
/** How often a chain of calls may pass through the same function, unless that function allows recursion. */
export const RECURSION_HOPS = 16;
/** Concurrent invocations per account. */
export const ACCOUNT_CONCURRENCY = 1000;
/**
 * How long a module may take to load, in milliseconds. Lambda allows 10 seconds; a machine that starts many
 * environments at once is slower.
 */
export const INIT_MS = 30_000;
