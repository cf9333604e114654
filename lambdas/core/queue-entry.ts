import type { SchemeName } from "../protocol/flags.ts";
import { type LeaseRange, leaseTasks } from "./lease.ts";

/**
 * A queue entry: says that a job's cursor, or a run of requeued tasks, has claimable work. It is only advisory. A
 * duplicate is harmless and a drained one is deleted; the cursor, the run's own row and the pages are the truth.
 */
export interface QueueEntry {
  job: string;
  queue: string;
  priority: number;
  /** When its tasks entered the queue, epoch milliseconds. */
  queued: number;
  /** Total number of tasks, claimed or not. */
  tasks: number;
  specBytes: number;
  scheme?: SchemeName | undefined;
  /** A run of requeued tasks and their attempts. Absent: the entry is for the job's cursor. */
  run?: { runs: LeaseRange[]; hop: number; atMost?: number | undefined; avoid?: number | undefined } | undefined;
}

/**
 * Suffix of the sort key. It identifies the work, so duplicates overwrite each other; a job's requeued tasks sort
 * before its new ones.
 */
export function entrySource(entry: Pick<QueueEntry, "run">): string {
  return entry.run ? `r${requeuedName(entry.run)}` : "~";
}

/** The run's name, unique within its job. */
export function requeuedName(run: { runs: readonly LeaseRange[]; hop: number }): string {
  return `${Math.min(...run.runs.map(({ from }) => from))}.${run.hop}`;
}

/** Counts the tasks in a run. */
export function requeuedTasks(run: { runs: LeaseRange[] }): number {
  return leaseTasks(run);
}
