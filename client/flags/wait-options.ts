/**
 * Options of calls that wait for tasks or engines.
 *
 * @example
 * const inTime = await result.wait({ timeoutMs: 60_000, signal: AbortSignal.any([closing, canceled]) });
 */
export interface WaitOptions {
  /** Maximum wait in milliseconds; 0 polls once, and a negative number sets no limit. Default: no limit. */
  timeoutMs?: number | undefined;
  /**
   * Ends the wait, not the tasks: the call rejects with the signal's reason, immediately if the signal is already
   * aborted. Default: none.
   */
  signal?: AbortSignal | undefined;
}
