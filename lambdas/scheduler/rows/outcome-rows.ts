import { abortSlices } from "../../core/abort-marks.ts";
import { firstIndex, type Lease, type LeaseRun, leaseName } from "../../core/lease.ts";
import { type IndexRange, indexesOf } from "../../protocol/index-ranges.ts";
import type { EncodedError, Entry, OutcomePage, UnrunStatus } from "../../protocol/outcome-page.ts";
import { packOutcomePage, unpackOutcomePage } from "../../protocol/packed-page.ts";
import { outcomePageKey } from "../../protocol/rows.ts";
import { BUCKET_TASKS } from "../../protocol/spec-page.ts";
import type { Cluster } from "../cluster.ts";

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
  return standing ? { page: unpackOutcomePage(standing), put: false } : { page, put: true };
}

/** Tombstones put at a time. */
const TOMBSTONES_AT_ONCE = 32;

/** Puts a tombstone wherever a page of these tasks at one of the hops might come: whoever is late finds its key taken. */
export async function putTombstones(
  cluster: Cluster,
  job: string,
  ranges: readonly IndexRange[],
  hops: readonly number[],
): Promise<void> {
  const body = packOutcomePage({ revoked: true, received: cluster.now(), entries: [] });
  const keys = [...indexesOf(ranges)].flatMap((index) => hops.map((hop) => outcomePageKey(job, index, String(hop))));
  for (let at = 0; at < keys.length; at += TOMBSTONES_AT_ONCE)
    await Promise.all(keys.slice(at, at + TOMBSTONES_AT_ONCE).map((key) => cluster.store.putOnce({ ...key, body })));
}

const ABORTED: EncodedError = {
  code: "TaskAborted",
  ename: "TaskAborted",
  evalue: "the task was aborted before it started",
};

/** An outcome page as it was put: what its key says, and what it tells. */
export interface EndedPage {
  job: string;
  first: number;
  /** Name of the lease in the page's key. */
  lease: string;
  page: Pick<OutcomePage, "engine" | "life" | "entries">;
}

/** The page of a lease, as those who depend on its tasks look at it. */
export function endedPage(lease: Lease, page: OutcomePage): EndedPage {
  return { job: lease.job, first: firstIndex(lease), lease: leaseName(lease), page };
}

/** Characters of entries in one page of tasks that never ran: each may tell a cause of its own. */
const UNRUN_CHARS = 250_000;

/** How tasks end that nobody has claimed. */
export interface AheadEnd {
  status: UnrunStatus;
  error: EncodedError;
}

/**
 * Writes the outcomes of a range that was marked ahead of the cursor. Any number of writers come to the same pages.
 *
 * @param end default: they were aborted
 */
export async function putAbortedAhead(
  cluster: Cluster,
  job: string,
  range: IndexRange,
  touching?: IndexRange,
  { status, error }: AheadEnd = { status: "aborted", error: ABORTED },
): Promise<EndedPage[]> {
  const pages: EndedPage[] = [];
  for (const slice of abortSlices(range)) {
    if (touching && (slice[1] <= touching[0] || slice[0] >= touching[1])) continue;
    const entries = entriesOf([{ from: slice[0], to: slice[1], attempt: 1 }], status, error);
    pages.push(await putUnrunPage(cluster, job, "a", entries));
  }
  return pages;
}

/** Writes the same end for tasks that were claimed and are not to run. The claim is theirs alone, so each page has one writer. */
export function putUnrun(
  cluster: Cluster,
  job: string,
  runs: readonly LeaseRun[],
  hop: number,
  status: UnrunStatus,
  error: EncodedError,
): Promise<EndedPage[]> {
  return putEntries(cluster, job, hop, entriesOf(runs, status, error));
}

/** Writes ends of tasks that are not to run, cut so that each page lies in one bucket, in one run, and fits. */
export async function putEntries(
  cluster: Cluster,
  job: string,
  hop: number,
  entries: readonly Entry[],
): Promise<EndedPage[]> {
  const pages: Entry[][] = [];
  let chars = 0;
  for (const entry of entries) {
    const last = pages.at(-1)?.at(-1);
    const length = 60 + 2 * (entry.error?.evalue.length ?? 0) + (entry.error?.reason?.length ?? 0);
    const follows =
      last?.index === entry.index - 1 && entry.index % BUCKET_TASKS !== 0 && chars + length <= UNRUN_CHARS;
    if (follows) pages.at(-1)?.push(entry);
    else pages.push([entry]);
    chars = follows ? chars + length : length;
  }
  return Promise.all(pages.map((page) => putUnrunPage(cluster, job, String(hop), page)));
}

async function putUnrunPage(cluster: Cluster, job: string, lease: string, entries: Entry[]): Promise<EndedPage> {
  const first = entries[0]?.index ?? 0;
  const page = { revoked: false, received: cluster.now(), entries };
  const standing = await cluster.store.putOnce({ ...outcomePageKey(job, first, lease), body: packOutcomePage(page) });
  return { job, first, lease, page: standing ? unpackOutcomePage(standing) : page };
}

export { ABORTED as ABORTED_ERROR };

function entriesOf(runs: readonly LeaseRun[], status: Entry["status"], error: EncodedError): Entry[] {
  const entries: Entry[] = [];
  for (const { from, to, attempt } of runs)
    for (let index = from; index < to; index++) entries.push({ index, attempt, status, final: true, error });
  return entries;
}
