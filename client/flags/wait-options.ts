/** How long to wait. */
export interface WaitOptions {
  /** Longest wait in milliseconds. 0 looks once; absent or negative waits for ever. */
  timeoutMs?: number | undefined;
  /** Ends the waiting, not the tasks: the call rejects with the signal's reason, at once if the signal is aborted already. */
  signal?: AbortSignal | undefined;
}
