import type { AttemptPhases } from "../../lambdas/protocol/attempt-phases.ts";
import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import type { EncodedError, EntryStatus } from "../../lambdas/protocol/outcome-page.ts";

/** One attempt of one task, as read from its outcome page. */
export interface AttemptRecord {
  /** Number of the attempt, counted from 1. */
  attempt: number;
  status: EntryStatus;
  value: EncodedValue | undefined;
  error: EncodedError | undefined;
  /** Start and end in epoch milliseconds by the engine's clock; absent if the attempt never started. */
  started: number | undefined;
  completed: number | undefined;
  /** How the time before and during the attempt was spent; undefined if it was not recorded. */
  phases: AttemptPhases | undefined;
  /** When the scheduler wrote the outcome, in epoch milliseconds by its clock. */
  received: number;
  engine: number | undefined;
  pool: string | undefined;
  stdout: string;
  stderr: string;
}
