import type { AttemptPhases } from "../../lambdas/protocol/attempt-phases.ts";
import type { EntryStatus } from "../../lambdas/protocol/outcome-page.ts";

/**
 * What a timeline shows of a task. `run`: an attempt that started; `refusal`: an engine that refused the task; `end`:
 * an end without a known start.
 */
export type TimelineKind = "run" | "refusal" | "end";

/** One block or mark of a timeline. Times are epoch milliseconds. */
export interface TimelineRun {
  kind: TimelineKind;
  job: string;
  /** Index of the task in its job. */
  task: number;
  /** Number of the attempt, counted from 1. */
  attempt: number;
  status: EntryStatus;
  /** The task's label, or else the name of its function. */
  name: string;
  engine: number | undefined;
  pool: string | undefined;
  /**
   * When the task began to wait: at its submission, by the client's clock, or at its previous attempt's outcome, by the
   * scheduler's.
   */
  queued: number;
  /** Start and end by the engine's clock; of a refusal or an end, both equal `received`. */
  started: number;
  completed: number;
  /** When the scheduler wrote the outcome, by its clock. */
  received: number;
  /** How the time before and during the run was spent, as far as it was recorded. */
  phases: AttemptPhases;
  error: string | undefined;
}

/** Everything that a timeline shows. */
export interface Timeline {
  runs: readonly TimelineRun[];
  /** Number of tasks without an outcome. */
  pending: number;
}
