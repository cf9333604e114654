/** `timeoutMs`: 0 looks once; absent or negative waits for ever. `signal` ends the waiting, not the tasks. */
export interface WaitOptions {
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** When a wait is over. */
export type ReturnWhen = "ALL_COMPLETED" | "FIRST_COMPLETED" | "FIRST_EXCEPTION";
