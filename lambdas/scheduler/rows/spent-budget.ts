import { budgetError, isOverBudget, nanoDollars } from "../../protocol/budget.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { jobKey, type Row } from "../../protocol/rows.ts";
import type { Usage } from "../../protocol/usage.ts";
import type { RemembersJobs } from "../memory/job-memory.ts";
import { headerOf, readJob } from "./job-row.ts";
import type { UnrunEnd } from "./outcome-rows.ts";
import type { JobAccess } from "./row-access.ts";

/**
 * Notes a charge to a job, if it has a budget.
 *
 * @param times -1 takes the charge back
 */
export function noteSpending({ memory }: RemembersJobs, header: JobHeader, used: Readonly<Usage>, times: 1 | -1): void {
  const { budgetUsd } = header.flags;
  if (budgetUsd) memory.jobs.spending.add(header.id, times * nanoDollars(used, budgetUsd));
}

/**
 * Calls `write` with the nano-dollars that this process has noted for the job, or undefined if there are none. Notes
 * them again if the write fails or changes nothing.
 */
export async function withSpending<T>(
  { memory }: RemembersJobs,
  job: string,
  write: (spent: number | undefined) => Promise<T | undefined>,
): Promise<{ written: T; spent: number } | undefined> {
  const spent = memory.jobs.spending.take(job);
  let written: T | undefined;
  try {
    written = await write(spent || undefined);
  } finally {
    if (written === undefined && spent > 0) memory.jobs.spending.add(job, spent);
  }
  return written === undefined ? undefined : { written, spent };
}

/**
 * Reads a job's row as `readJob` does. The same call adds spending of the job that this process has noted, if any.
 * Atomic against every other addition.
 */
export async function readSpending(cluster: JobAccess, job: string): Promise<Row | undefined> {
  const added = await withSpending(cluster, job, async (spent) =>
    spent === undefined ? undefined : cluster.store.update(jobKey(job), { spent }),
  );
  if (!added) return readJob(cluster, job);
  const { after } = added.written;
  cluster.memory.jobs.headers.set(job, headerOf(after));
  return after;
}

/**
 * Returns the outcome of tasks that must not start because their job's budget is spent; undefined if they may start.
 * Also notes that the job's remaining tasks are to be ended.
 *
 * @param row the job's row, read after the tasks were claimed or by the claim
 */
export function overBudget({ memory }: RemembersJobs, header: JobHeader, { spent = 0 }: Row): UnrunEnd | undefined {
  const { budgetUsd } = header.flags;
  if (!budgetUsd || !isOverBudget(spent, budgetUsd)) return undefined;
  memory.jobs.spending.noteOver(header.id, spent);
  return { status: "aborted", error: budgetError(spent, budgetUsd) };
}

/** Whether a job may start released tasks, which no claim checks. Makes a call only if the job has a budget. */
export async function mayStart(cluster: JobAccess, header: JobHeader): Promise<boolean> {
  if (!header.flags.budgetUsd) return true;
  const row = await readSpending(cluster, header.id);
  return row === undefined || overBudget(cluster, header, row) === undefined;
}
