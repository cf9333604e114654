import { canMove, JOB_MOVES, jobFacts, jobStateOf } from "../../core/job-state.ts";
import { Refused } from "../../protocol/errors.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { jobRow } from "../../protocol/job-row.ts";
import { jobKey, openJobKey } from "../../protocol/rows.ts";
import type { SubmittedJob } from "../../protocol/scheduler-messages.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { headerOf } from "../rows/job-row.ts";
import { NEVER_SCANNED } from "../rows/open-job.ts";
import { freeTasks } from "../rows/wait-rows.ts";

/**
 * Claims the ids of jobs that have an idempotency key, before their content is written. Atomic against every other
 * submission under the same idempotency key: the first to put the job's row owns the key permanently. If that
 * submission is repeated, it recognizes its own row by the client and by `key` in the header, a digest of the job's
 * content. Another client's submission of the same content continues an incomplete first one, because the first client
 * may have died. Other submissions write nothing that could change the job.
 *
 * The job's row in the list of open jobs is written before the job's own row, so that the sweep ends the submission if
 * the scheduler dies right after these writes.
 *
 * @param kept gives the header to store
 * @throws Refused for the key of a job that was purged
 * @returns the jobs to continue with, and the headers of those that another submission began
 */
export async function claimKeys<Job extends SubmittedJob>(
  cluster: StoreAccess,
  jobs: readonly Job[],
  kept: (header: JobHeader) => JobHeader,
): Promise<{ own: Job[]; existing: JobHeader[] }> {
  const keyed = jobs.filter(({ header }) => header.key !== undefined);
  if (keyed.length === 0) return { own: [...jobs], existing: [] };
  // A repeated submission does not replace the row, because the row may hold the results of scans.
  await Promise.all(
    keyed.map(({ header }) => cluster.store.putOnce({ ...openJobKey(header.id), body: NEVER_SCANNED })),
  );
  const existing = new Map<string, JobHeader>();
  const theirs = new Set<string>();
  for (const { header } of keyed) {
    const row = { ...jobKey(header.id), body: jobRow.encode(kept(header)), from: 0, to: freeTasks(header) };
    const there = await cluster.store.putOnce({ ...row, state: JOB_MOVES.begin.to, rev: 0 });
    if (there && !jobFacts(there).isKnown) {
      // The sweep reconciles the other jobs of the message: it ends the submissions that were begun here, and removes
      // the rest from the list of open jobs.
      await cluster.store.remove([openJobKey(header.id)]);
      throw new Refused(`the job that used this idempotency key (${header.id}) was purged: use another key`);
    }
    const first = there && headerOf(there);
    const isSame = first?.key === header.key;
    if (!first || (isSame && first.client === header.client)) continue;
    existing.set(header.id, first);
    if (!isSame || !canMove(JOB_MOVES.complete, jobStateOf(there))) theirs.add(header.id);
  }
  return { own: jobs.filter(({ header }) => !theirs.has(header.id)), existing: [...existing.values()] };
}
