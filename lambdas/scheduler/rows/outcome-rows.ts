import { abortSlices } from "../../core/abort-ranges.ts";
import { firstIndex, type Lease, type LeaseRange, leaseName } from "../../core/lease.ts";
import { type IndexRange, indexesOf } from "../../protocol/index-ranges.ts";
import type { EncodedError, Entry, OutcomePage, UnrunStatus } from "../../protocol/outcome-page.ts";
import { packOutcomePage, unpackOutcomePage } from "../../protocol/packed-page.ts";
import { outcomePageKey } from "../../protocol/rows.ts";
import { BUCKET_TASKS } from "../../protocol/spec-page.ts";
import type { Clock, StoreAccess } from "../ports/scheduler-ports.ts";

/**
 * Puts the outcome page of a lease. Atomic against every other put of a page with this key: a report and a revocation
 * both try, and the first one decides.
 *
 * @returns the page now stored under the key, and whether it is the given one
 */
export async function putOutcomePage(
  cluster: StoreAccess,
  lease: Lease,
  page: OutcomePage,
  body: string = packOutcomePage(page),
): Promise<{ page: OutcomePage; put: boolean }> {
  const key = outcomePageKey(lease.job, firstIndex(lease), leaseName(lease));
  const existing = await cluster.store.putOnce({ ...key, body });
  return existing ? { page: unpackOutcomePage(existing), put: false } : { page, put: true };
}

/** Number of tombstones to put in parallel. */
const TOMBSTONES_AT_ONCE = 32;

/**
 * Puts a tombstone at every key where a page of these tasks could be written at one of the hops, so that late writers
 * find their key taken.
 */
export async function putTombstones(
  cluster: StoreAccess & Clock,
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

/** An outcome page as it was written: the parts of its key, and its entries. */
export interface EndedPage {
  job: string;
  first: number;
  /** Name of the lease in the page's key. */
  lease: string;
  page: Pick<OutcomePage, "engine" | "generation" | "entries">;
}

/** The facts about a lease's page that are needed to resolve the dependents of its tasks. */
export function endedPage(lease: Lease, page: OutcomePage): EndedPage {
  return { job: lease.job, first: firstIndex(lease), lease: leaseName(lease), page };
}

/**
 * Maximum size of the entries in one page of tasks that never ran, in characters. Each entry may contain an error of
 * its own.
 */
const UNRUN_CHARS = 250_000;

/** The outcome of tasks that never ran. */
export interface UnrunEnd {
  status: UnrunStatus;
  error: EncodedError;
}

/**
 * Writes the outcomes of a range that was aborted ahead of the cursor. Each page is written once: concurrent writers
 * make pages with the same keys and entries, and the first put of a key counts.
 *
 * @param touching writes only the pages that overlap this range; default: all
 * @param end the outcome; default: aborted
 */
export async function putAbortedAhead(
  cluster: StoreAccess & Clock,
  job: string,
  range: IndexRange,
  touching?: IndexRange,
  { status, error }: UnrunEnd = { status: "aborted", error: ABORTED },
): Promise<EndedPage[]> {
  const pages: EndedPage[] = [];
  for (const slice of abortSlices(range)) {
    if (touching && (slice[1] <= touching[0] || slice[0] >= touching[1])) continue;
    const entries = entriesOf([{ from: slice[0], to: slice[1], attempt: 1 }], status, error);
    pages.push(await putUnrunPage(cluster, job, "a", entries));
  }
  return pages;
}

/** Claimed tasks that are not to run, and the hop of their claim. */
interface UnrunTasks {
  job: string;
  ranges: readonly LeaseRange[];
  hop: number;
}

/**
 * Gives the same outcome to claimed tasks that must not run. Only their claimer calls this, so each page has one
 * writer, except for a scheduler that recalls the tasks: the first put of a key counts.
 */
export function putUnrun(
  cluster: StoreAccess & Clock,
  { job, ranges, hop }: UnrunTasks,
  { status, error }: UnrunEnd,
): Promise<EndedPage[]> {
  return putEntries(cluster, job, hop, entriesOf(ranges, status, error));
}

/** Writes the outcomes of tasks that must not run. Each page fits a row and holds consecutive tasks of one bucket. */
export async function putEntries(
  cluster: StoreAccess & Clock,
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

async function putUnrunPage(
  cluster: StoreAccess & Clock,
  job: string,
  lease: string,
  entries: Entry[],
): Promise<EndedPage> {
  const first = entries[0]?.index ?? 0;
  const page = { revoked: false, received: cluster.now(), entries };
  const existing = await cluster.store.putOnce({ ...outcomePageKey(job, first, lease), body: packOutcomePage(page) });
  return { job, first, lease, page: existing ? unpackOutcomePage(existing) : page };
}

export { ABORTED as ABORTED_ERROR };

function entriesOf(ranges: readonly LeaseRange[], status: Entry["status"], error: EncodedError): Entry[] {
  const entries: Entry[] = [];
  for (const { from, to, attempt } of ranges)
    for (let index = from; index < to; index++) entries.push({ index, attempt, status, final: true, error });
  return entries;
}
