import type { SchemeName } from "../protocol/flags.ts";
import { type LeaseRange, leaseTasks } from "./lease.ts";

/**
 * Announces claimable work: at a job's cursor, or in a batch of requeued tasks. An entry is not a promise: a duplicate
 * does no harm, and a drained entry is deleted. The truth is in the cursor, the batch's own row and the pages.
 */
export interface QueueEntry {
  job: string;
  queue: string;
  priority: number;
  /** When the tasks entered the queue, epoch milliseconds. */
  queued: number;
  /**
   * Total number of tasks in the batch, or to claim from the job's cursor. Tasks that were claimed already count, too.
   */
  tasks: number;
  specBytes: number;
  scheme?: SchemeName | undefined;
  /** A batch of requeued tasks and their attempts. Absent: the entry is for the job's cursor. */
  requeued?: { ranges: LeaseRange[]; hop: number; atMost?: number | undefined; avoid?: number | undefined } | undefined;
}

/**
 * The suffix of the entry's sort key. It identifies the work, so duplicates overwrite each other; a job's requeued
 * tasks sort before its new ones.
 */
export function entrySource(entry: Pick<QueueEntry, "requeued">): string {
  return entry.requeued ? `r${requeuedName(entry.requeued)}` : "~";
}

/** The name of a batch of requeued tasks, unique within its job. */
export function requeuedName(batch: { ranges: readonly LeaseRange[]; hop: number }): string {
  return `${Math.min(...batch.ranges.map(({ from }) => from))}.${batch.hop}`;
}

/** Counts the tasks in a batch. */
export function requeuedTasks(batch: { ranges: LeaseRange[] }): number {
  return leaseTasks(batch);
}
