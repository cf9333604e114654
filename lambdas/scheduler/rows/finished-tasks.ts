import { type IndexRange, indexesOf } from "../../protocol/index-ranges.ts";
import type { Entry } from "../../protocol/outcome-page.ts";
import { unpackOutcomePage } from "../../protocol/packed-page.ts";
import { bucketOf, bucketPartition, outcomePagesBetween } from "../../protocol/rows.ts";
import { BUCKET_TASKS, LEASE_SPAN } from "../../protocol/spec-page.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";

/**
 * Returns the first of the given tasks, in their order, that has no outcome; `undefined` if all have finished. Reads
 * all outcome pages that may contain one of the tasks.
 */
export async function firstUnfinished(
  cluster: StoreAccess,
  job: string,
  ranges: readonly IndexRange[],
): Promise<number | undefined> {
  const wanted = new Set(indexesOf(ranges));
  await eachOutcome(cluster, job, new Set(wanted), ({ index }) => wanted.delete(index));
  const [missing] = wanted;
  return missing;
}

/**
 * Calls `found` with the final entry of each wanted task that has one. Reads all outcome pages that may contain one of
 * the tasks.
 */
export async function eachOutcome(
  cluster: StoreAccess,
  job: string,
  wanted: ReadonlySet<number>,
  found: (entry: Entry) => void,
): Promise<void> {
  const touched = new Set([...wanted].map(bucketOf));
  // A page is stored in the bucket of its first task, and may extend into the next.
  const buckets = new Set([...touched].flatMap((bucket) => (bucket > 0 ? [bucket - 1, bucket] : [bucket])));
  for (const bucket of [...buckets].sort((a, b) => a - b)) {
    const own = touched.has(bucket) ? bucket * BUCKET_TASKS : undefined;
    const first = own ?? (bucket + 1) * BUCKET_TASKS - LEASE_SPAN + 1;
    const listing = outcomePagesBetween(first, (bucket + 1) * BUCKET_TASKS);
    for (const row of await cluster.store.list(bucketPartition(job, bucket), listing))
      for (const entry of unpackOutcomePage(row).entries) if (entry.final && wanted.has(entry.index)) found(entry);
  }
}
