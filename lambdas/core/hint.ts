import type { SchemeName } from "../protocol/flags.ts";
import { type LeaseRun, leaseTasks } from "./lease.ts";

/**
 * Says that there is claimable work: a job's cursor, or a run of tasks that came back. Only a hint: a doubled one
 * is harmless, a drained one is deleted; the truth is the cursor, the run's own row, and the pages.
 */
export interface Hint {
  job: string;
  queue: string;
  priority: number;
  /** When its tasks entered the queue, epoch milliseconds. */
  queued: number;
  /** Tasks in all, claimed or not. */
  tasks: number;
  specBytes: number;
  scheme?: SchemeName | undefined;
  /** A run: tasks that came back, with the attempt that they are on. Absent: the job's cursor. */
  run?: { runs: LeaseRun[]; hop: number; atMost?: number | undefined; avoid?: number | undefined } | undefined;
}

/** What a hint's sort key ends with: names the work, so that a doubled hint is the same row; what came back of a job is before what is new. */
export function hintSource(hint: Pick<Hint, "run">): string {
  return hint.run ? `r${runName(hint.run)}` : "~";
}

/** Names a run within its job. */
export function runName(run: { runs: readonly LeaseRun[]; hop: number }): string {
  return `${Math.min(...run.runs.map(({ from }) => from))}.${run.hop}`;
}

/** Tasks in a run. */
export function runTasks(run: { runs: LeaseRun[] }): number {
  return leaseTasks(run);
}
