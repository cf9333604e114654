import type { Updated } from "../../adapters/store.ts";
import type { JobMove } from "../../core/job-state.ts";
import { jobRow } from "../../protocol/job-row.ts";
import { jobKey, type Row } from "../../protocol/rows.ts";
import type { JobHeader } from "../../protocol/scheduler-messages.ts";
import { UnreadableRow } from "../../protocol/unreadable-row.ts";
import type { Cluster } from "../cluster.ts";

/** The header in a job's row. */
export function headerOf(row: Row): JobHeader {
  return jobRow.parse(row);
}

/** A job's row by a consistent read. */
export async function readJob(cluster: Cluster, job: string): Promise<Row | undefined> {
  const [row] = await cluster.store.read([jobKey(job)]);
  if (row) cluster.headers.set(job, headerOf(row));
  return row;
}

/** A job's header: from memory, since it never changes, else read. */
export async function jobHeader(cluster: Cluster, job: string): Promise<JobHeader | undefined> {
  const known = cluster.headers.get(job);
  if (known) return known;
  const row = await readJob(cluster, job);
  return row && headerOf(row);
}

/** The same; a header that cannot be read is none, so that it keeps no other job's work from being done. */
export async function readableHeader(cluster: Cluster, job: string): Promise<JobHeader | undefined> {
  try {
    return await jobHeader(cluster, job);
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error;
    cluster.log("row-unreadable", { key: error.key, error: error.message });
    return undefined;
  }
}

/**
 * Moves a job from one state to another, atomically against every other move.
 *
 * @returns `undefined` when the job was in none of the states from which the move is made
 */
export function moveJob(cluster: Cluster, job: string, move: JobMove): Promise<Updated | undefined> {
  return cluster.store.update(jobKey(job), { state: move.to, only: { inState: move.from } });
}

/** When the tasks of a job must have ended, epoch milliseconds; `undefined`: they may take for ever. */
export function deadlineOf(header: Pick<JobHeader, "flags" | "submitted">): number | undefined {
  return header.flags.deadlineMs ? header.submitted + header.flags.deadlineMs : undefined;
}
