import { canMove, JOB_MOVES, jobFacts, jobStateOf } from "../../../core/job-state.ts";
import { nanoDollars } from "../../../protocol/budget.ts";
import type { JobHeader } from "../../../protocol/job-header.ts";
import { jobRow } from "../../../protocol/job-row.ts";
import { jobKey, type Row } from "../../../protocol/rows.ts";
import type { SubmittedJob } from "../../../protocol/scheduler-messages.ts";
import { packUsage } from "../../../protocol/usage.ts";
import type { RemembersUsage } from "../../memory/usage-memory.ts";
import type { Randomness } from "../../ports/scheduler-ports.ts";
import { headerOf, moveJob, readJob } from "../../rows/job-row.ts";
import type { JobAccess } from "../../rows/row-access.ts";
import { freeTasks } from "../../rows/wait-rows.ts";
import { submittedAt } from "./submitted-at.ts";

/** A job whose row is stored, and that has tasks to place. */
export interface PutJob {
  header: JobHeader;
  /** Whether the caller holds all tasks of the job. */
  claimed: boolean;
  /** Whether this submission put the row. */
  isNew: boolean;
}

/**
 * Puts a job's row: open, or `submitting` while more parts are to come. Atomic against every other submission of the
 * job: the first one puts the row, and the others continue with it.
 *
 * @param claimed whether to put the cursor at the end: if the row is new, the caller then holds all tasks
 * @returns `undefined` if there is nothing to place yet, or nothing left to place
 */
export async function putJob(
  cluster: JobAccess & Randomness & RemembersUsage,
  job: SubmittedJob,
  now: number,
  claimed: boolean,
): Promise<PutJob | undefined> {
  const { header } = job;
  const used = cluster.memory.usage.take();
  const packed = packUsage(used);
  const kept: JobHeader = {
    ...header,
    submitted: submittedAt(header, now),
    used: packed && [...packed],
  };
  const key = jobKey(header.id);
  const { to: state } = job.last ? JOB_MOVES.submit : JOB_MOVES.begin;
  const from = claimed ? header.tasks : 0;
  // Lets the claimer recognize its own row if the SDK repeats a put whose response was lost.
  const rev = Math.floor(cluster.randomness.random() * 2 ** 48);
  const budget = header.flags.budgetUsd;
  const spent = budget && Math.floor(nanoDollars(used, budget));
  const row = { ...key, body: jobRow.encode(kept), from, to: freeTasks(header), state, rev, spent };
  const existing = await cluster.store.putOnce(row);
  if (existing && existing.rev !== rev) cluster.memory.usage.add(used);
  const known = existing ? headerOf(existing) : kept;
  cluster.memory.jobs.headers.set(header.id, known);
  // Wait groups may arrive in parts, and this process may not have seen all of them, so it must read them again.
  if (job.waits !== undefined) cluster.memory.jobs.graphs.delete(header.id);
  if (!job.last) return undefined;
  if (claimed && (!existing || existing.rev === rev)) return { header: known, claimed: true, isNew: true };
  let found: Row = existing ?? row;
  if (canMove(JOB_MOVES.complete, jobStateOf(found))) {
    const moved = await moveJob(cluster, header.id, JOB_MOVES.complete);
    const after = moved?.after ?? (await readJob(cluster, header.id));
    if (!after) return undefined;
    found = after;
  }
  return jobFacts(found).givesTasks ? { header: known, claimed: false, isNew: existing === undefined } : undefined;
}
