import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import type { EncodedError, EntryStatus } from "../../lambdas/protocol/outcome-page.ts";

/** One attempt of one task, as its outcome page tells it. */
export interface AttemptRecord {
  /** 1 for the first. */
  attempt: number;
  status: EntryStatus;
  value: EncodedValue | undefined;
  error: EncodedError | undefined;
  /** Epoch milliseconds by the engine's clock; absent when it never started. */
  started: number | undefined;
  completed: number | undefined;
  /** Epoch milliseconds by the scheduler's clock: when the outcome was written. */
  received: number;
  engine: number | undefined;
  pool: string | undefined;
  stdout: string;
  stderr: string;
}
