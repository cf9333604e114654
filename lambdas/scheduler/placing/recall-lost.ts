import { CLAIMABLE_STATES } from "../../core/job-state.ts";
import { hopOfRecall, parseRecalls, type Recall, recallText } from "../../core/recall.ts";
import { Releases } from "../../core/releases.ts";
import { commonRanges, type IndexRange, indexesOf, rangesOf, withoutRanges } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { bucketOf, hopOfRequeued, jobKey, ledgerKey, REQUEUED_ROWS } from "../../protocol/rows.ts";
import type { Randomness, StoreAccess } from "../ports/scheduler-ports.ts";
import { raiseFences } from "../rows/engine-rows.ts";
import { readJob } from "../rows/job-row.ts";
import { putTombstones } from "../rows/outcome-rows.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { hasWaits, waitGraph } from "../rows/wait-rows.ts";
import type { JobScan } from "./job-scan.ts";
import type { RecoveryContext } from "./placing-context.ts";

/** Tasks that were recalled from their claimers. */
export interface Recalled {
  ranges: IndexRange[];
  /** The hop at which to queue the tasks. */
  hop: number;
  /** The last scan, which still found the tasks missing. */
  scan: JobScan;
}

/**
 * Recalls tasks from a claimer that is presumed dead. It may merely be slow, so everything that it could still do with
 * them is prevented first, step by step, and only tasks that are still missing then are recalled. No step relies on a
 * clock.
 *
 * 1. The recall is written into the job's row. Every later claim of requeued work reads it and leaves recalled tasks
 *    out, so only earlier claims can hold them.
 * 2. Every engine's fence is raised, so no earlier claim can enter a lease any more. The scan that follows sees any
 *    claim that already has.
 * 3. Tombstones are written at every key where such a claim may write an outcome, and releases are closed, so that the
 *    tasks cannot return to waiting.
 * 4. A last scan finds everything that happened before step 3.
 *
 * The recalling scheduler may itself be slow: its queue entries are void once there is a recall with a higher number.
 *
 * @param lost tasks that have been missing for long enough
 * @param scan reads the job's current state
 * @returns `undefined` if no task can be recalled: another scheduler is recalling tasks of the job, the job's tasks can
 *   no longer be claimed, or the lost tasks were found
 */
export async function recallLost(
  cluster: RecoveryContext,
  header: JobHeader,
  lost: readonly IndexRange[],
  scan: () => Promise<JobScan>,
): Promise<Recalled | undefined> {
  const recall = await announce(cluster, header.id, lost);
  if (!recall) return undefined;
  await raiseFences(cluster);
  const releases = await releasesOf(cluster, header, lost);
  const fenced = await scan();
  const left = commonRanges(lost, fenced.missing);
  if (left.length === 0) return undefined;
  const hops = await earlierHops(cluster, header.id, recall, releases);
  // In a job with dependencies, tombstones are written for all missing tasks: a claimer that released one of the lost
  // tasks may hold other tasks that it released together with that one.
  await putTombstones(cluster, header.id, hasWaits(header) ? fenced.missing : left, hops);
  const moved = await returnToWaiting(cluster, header.id, releases, hopOfRecall(recall) - 1);
  const last = await scan();
  const ranges = withoutRanges(commonRanges(left, last.missing), moved);
  return { ranges, hop: hopOfRecall(recall), scan: last };
}

/**
 * Writes the recall into the job's row, with a higher number than all others. Atomic against claims and other recalls
 * of the job: of two recalls with the same number, only the one written first is valid. Resolves to `undefined` if the
 * job can no longer be claimed from, or another recall has this number or a higher one.
 */
async function announce(
  cluster: JobAccess & Randomness,
  job: string,
  lost: readonly IndexRange[],
): Promise<Recall | undefined> {
  const row = await readJob(cluster, job);
  const number = 1 + Math.max(0, ...parseRecalls(row?.aborted).map((one) => one.number));
  const recall: Recall = { ranges: [...lost], number, token: cluster.randomness.newSecret().slice(0, 6) };
  const updated = await cluster.store.update(jobKey(job), {
    aborted: [recallText(recall)],
    only: { inState: CLAIMABLE_STATES },
  });
  if (!updated) return undefined;
  const others = parseRecalls(updated.before?.aborted).filter(({ token }) => token !== recall.token);
  return others.some((other) => other.number >= number) ? undefined : recall;
}

/** The lost tasks of one bucket that may wait for others, and the releases in the bucket's ledger. */
interface BucketReleases {
  indexes: number[];
  releases: Releases;
}

async function releasesOf(
  cluster: JobAccess,
  header: JobHeader,
  lost: readonly IndexRange[],
): Promise<Map<number, BucketReleases>> {
  const noted = new Map<number, BucketReleases>();
  if (!hasWaits(header)) return noted;
  const graph = await waitGraph(cluster, header.id);
  const byBucket = new Map<number, number[]>();
  for (const index of indexesOf(lost)) {
    const group = graph.groupOf(index);
    if (!group) continue;
    const bucket = bucketOf(group.from);
    byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), index]);
  }
  const rows = await cluster.store.read([...byBucket.keys()].map((bucket) => ledgerKey(header.id, bucket)));
  for (const [at, [bucket, indexes]] of [...byBucket].entries())
    noted.set(bucket, { indexes, releases: new Releases(rows[at]?.opened) });
  return noted;
}

/**
 * Hops at which earlier claims may write an outcome: each claim's own hop, and the hop at which its tasks would be
 * requeued.
 */
async function earlierHops(
  cluster: StoreAccess,
  job: string,
  { number }: Recall,
  noted: ReadonlyMap<number, BucketReleases>,
): Promise<number[]> {
  const claimed = new Set([0]);
  for (const row of await cluster.store.list(jobKey(job).pk, REQUEUED_ROWS)) claimed.add(hopOfRequeued(row));
  for (const { indexes, releases } of noted.values()) for (const index of indexes) claimed.add(releases.hopOf(index));
  for (let earlier = 1; earlier < number; earlier++) claimed.add(hopOfRecall({ number: earlier }));
  return [...new Set([...claimed].flatMap((hop) => [hop, hop + 1]))];
}

/**
 * Records tasks as released up to a hop, so that returning them to waiting at that hop or a lower one has no effect.
 * Atomic against every other update of a ledger.
 *
 * @returns tasks that returned to waiting since the releases were read, and that another scheduler may have
 */
async function returnToWaiting(
  cluster: StoreAccess,
  job: string,
  noted: ReadonlyMap<number, BucketReleases>,
  hop: number,
): Promise<IndexRange[]> {
  const moved: number[] = [];
  for (const [bucket, { indexes, releases }] of noted) {
    const add = { opened: indexes.map((index) => `${index}=${hop}`) };
    const updated = await cluster.store.update(ledgerKey(job, bucket), { add, mayCreate: true });
    const before = new Releases(updated?.before?.opened);
    moved.push(...indexes.filter((index) => before.hopOf(index) !== releases.hopOf(index)));
  }
  return rangesOf(moved);
}
