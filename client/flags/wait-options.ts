/** How long to wait. */
export interface WaitOptions {
  /** Longest wait in milliseconds. 0 looks once; absent or negative: no limit. */
  timeoutMs?: number | undefined;
  /**
   * Ends the wait, not the tasks: the call rejects with the signal's reason, immediately if the signal is already
   * aborted.
   */
  signal?: AbortSignal | undefined;
}
