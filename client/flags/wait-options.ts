/** Options of a wait. */
export interface WaitOptions {
  /** Maximum wait in milliseconds. 0 polls once; absent or negative: no limit. */
  timeoutMs?: number | undefined;
  /**
   * Ends the wait, not the tasks: the call rejects with the signal's reason, immediately if the signal is already
   * aborted.
   */
  signal?: AbortSignal | undefined;
}
