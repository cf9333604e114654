/** Limits of Lambda that this cloud keeps, so that what passes here passes there. */

/** Largest event of an invocation that is waited for, and largest answer, in bytes. */
export const SYNC_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Largest event of an asynchronous invocation, in bytes. */
export const EVENT_PAYLOAD_BYTES = 1024 * 1024;
/** Times that a chain of calls may come through the same function, unless it allows recursion. */
export const RECURSION_HOPS = 16;
/** Environments of one account that may run at once. */
export const ACCOUNT_CONCURRENCY = 1000;
/** Longest that a module may take to load. Lambda gives ten seconds; a machine that starts many at once is slower. */
export const INIT_MS = 30_000;
