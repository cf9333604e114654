import { abortSlices } from "../core/abort-marks.ts";
import { firstIndex, type Lease, type LeaseRun, leaseName } from "../core/lease.ts";
import type { IndexRange } from "../protocol/index-ranges.ts";
import {
  type EncodedError,
  type Entry,
  type OutcomePage,
  packOutcomePage,
  unpackOutcomePage,
} from "../protocol/outcome-page.ts";
import { outcomePageKey, type Row } from "../protocol/rows.ts";
import { BUCKET_TASKS } from "../protocol/spec-page.ts";
import type { Cluster } from "./cluster.ts";

/**
 * Puts the outcome page of a lease: the fence. A report and a revocation race for its key, and the
 * table decides.
 *
 * @returns the page that now stands there, and whether it is the one given
 */
export async function putOutcomePage(
  cluster: Cluster,
  lease: Lease,
  page: OutcomePage,
  body: string = packOutcomePage(page),
): Promise<{ page: OutcomePage; put: boolean }> {
  const key = outcomePageKey(lease.job, firstIndex(lease), leaseName(lease));
  const standing = await cluster.store.putOnce({ ...key, body });
  return standing ? { page: unpackOutcomePage(standing.body), put: false } : { page, put: true };
}

const ABORTED: EncodedError = {
  code: "TaskAborted",
  ename: "TaskAborted",
  evalue: "the task was aborted before it started",
};

/** Writes the outcomes of a range that was aborted ahead of the cursor. Any number of writers come to the same pages. */
export async function putAbortedAhead(
  cluster: Cluster,
  job: string,
  range: IndexRange,
  touching?: IndexRange,
): Promise<void> {
  for (const slice of abortSlices(range)) {
    if (touching && (slice[1] <= touching[0] || slice[0] >= touching[1])) continue;
    const entries = entriesOf([{ from: slice[0], to: slice[1], attempt: 1 }], "aborted", ABORTED);
    const body = packOutcomePage({ revoked: false, received: cluster.now(), entries });
    await cluster.store.putOnce({ ...outcomePageKey(job, slice[0], "a"), body });
  }
}

/** Writes the same end for tasks that were claimed and are not to run. The claim is theirs alone, so each page has one writer. */
export async function putUnrun(
  cluster: Cluster,
  job: string,
  runs: readonly LeaseRun[],
  hop: number,
  status: "aborted" | "timeout" | "lost",
  error: EncodedError,
): Promise<void> {
  const rows: Row[] = [];
  for (const run of runs)
    for (let from = run.from; from < run.to; ) {
      const to = Math.min(run.to, (Math.floor(from / BUCKET_TASKS) + 1) * BUCKET_TASKS);
      const entries = entriesOf([{ ...run, from, to }], status, error);
      const body = packOutcomePage({ revoked: false, received: cluster.now(), entries });
      rows.push({ ...outcomePageKey(job, from, String(hop)), body });
      from = to;
    }
  if (rows.length === 1 && rows[0]) await cluster.store.putOnce(rows[0]);
  else await Promise.all(rows.map((row) => cluster.store.putOnce(row)));
}

export { ABORTED as ABORTED_ERROR };

function entriesOf(runs: readonly LeaseRun[], status: Entry["status"], error: EncodedError): Entry[] {
  const entries: Entry[] = [];
  for (const { from, to, attempt } of runs)
    for (let index = from; index < to; index++) entries.push({ index, attempt, status, final: true, error });
  return entries;
}
