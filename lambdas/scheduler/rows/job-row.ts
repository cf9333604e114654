import type { Updated } from "../../adapters/store.ts";
import type { JobMove } from "../../core/job-state.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { jobRow } from "../../protocol/job-row.ts";
import { jobKey, type Row } from "../../protocol/rows.ts";
import { UnreadableRow } from "../../protocol/unreadable-row.ts";
import type { Log, StoreAccess } from "../ports/scheduler-ports.ts";
import type { JobAccess } from "./row-access.ts";

/** Parses the header in a job's row. */
export function headerOf(row: Row): JobHeader {
  return jobRow.parse(row);
}

/** Reads a job's row, consistently. */
export async function readJob(cluster: JobAccess, job: string): Promise<Row | undefined> {
  const [row] = await cluster.store.read([jobKey(job)]);
  if (row) cluster.memory.jobs.headers.set(job, headerOf(row));
  return row;
}

/** Reads the headers of the jobs that this process does not remember, in one call. */
export async function rememberHeaders(cluster: JobAccess, jobs: readonly string[]): Promise<void> {
  const { headers } = cluster.memory.jobs;
  const unknown = jobs.filter((job) => !headers.has(job));
  for (const [at, row] of (await cluster.store.read(unknown.map(jobKey))).entries())
    if (row) headers.set(unknown[at] ?? "", headerOf(row));
}

/** Returns a job's header, from memory or else by a read; `undefined` if the job has no row. Headers never change. */
export async function jobHeader(cluster: JobAccess, job: string): Promise<JobHeader | undefined> {
  const known = cluster.memory.jobs.headers.get(job);
  if (known) return known;
  const row = await readJob(cluster, job);
  return row && headerOf(row);
}

/**
 * Like `jobHeader`, but logs a header that cannot be read and returns `undefined`, so that it does not block the work
 * of other jobs.
 */
export async function readableHeader(cluster: JobAccess & Log, job: string): Promise<JobHeader | undefined> {
  try {
    return await jobHeader(cluster, job);
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error;
    cluster.log("row-unreadable", { key: error.key, error: error.message });
    return undefined;
  }
}

/**
 * Moves a job from one state to another. Atomic against every other move, and against claims of its tasks.
 *
 * @returns `undefined` if the job was in none of the states that the move starts from
 */
export function moveJob(cluster: StoreAccess, job: string, move: JobMove): Promise<Updated | undefined> {
  return cluster.store.update(jobKey(job), { state: move.to, only: { inState: move.from } });
}

/** The deadline of a job's tasks, in epoch milliseconds; `undefined` if it has none. */
export function deadlineOf(header: Pick<JobHeader, "flags" | "submitted">): number | undefined {
  return header.flags.deadlineMs ? header.submitted + header.flags.deadlineMs : undefined;
}
