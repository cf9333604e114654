import { commonRanges, type IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import { bucketOf } from "../../lambdas/protocol/rows.ts";
import { BUCKET_TASKS, LEASE_SPAN } from "../../lambdas/protocol/spec-page.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/** One DynamoDB Query for the outcome pages of a bucket that begin at an index in [first, past). */
export interface PageQuery {
  bucket: number;
  first: number;
  past: number;
}

/** A bucket with at most this many gaps (ranges of tasks without an outcome) gets one query per gap. */
const SINGLE_GAPS = 2;

/**
 * Plans the next reads of a job's outcomes. Reads only incomplete buckets with claimed tasks that something waits for.
 *
 * A page with news begins at a task without an outcome, because a lease holds only such tasks. It is enough to read
 * pages that begin inside a gap, so one straggler among a thousand tasks costs one short Query. `thorough` drops that
 * assumption and reads every page that could overlap a gap.
 *
 * @param claimed ranges of tasks that may have an outcome by now
 * @param wants whether something waits for an outcome of a task in the range
 */
export function planPoll(
  outcomes: JobOutcomes,
  claimed: readonly IndexRange[],
  wants: (from: number, to: number) => boolean,
  thorough: boolean,
): PageQuery[] {
  const queries: PageQuery[] = [];
  const wide = new Map<number, PageQuery>();
  const buckets = bucketOf((outcomes.header?.tasks ?? 0) - 1) + 1;
  let isWanted = wants(0, BUCKET_TASKS);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = bucket * BUCKET_TASKS;
    // A lease may extend into the next bucket, so a page of this bucket can hold outcomes of the next.
    const isNextWanted = wants(start + BUCKET_TASKS, start + 2 * BUCKET_TASKS);
    if ((isWanted || isNextWanted) && outcomes.missingInBucket(bucket) > 0) {
      const gaps = commonRanges(gapsOf(outcomes, start), claimed);
      if (thorough) widen(wide, bucket, gaps);
      else queries.push(...tight(bucket, gaps));
    }
    isWanted = isNextWanted;
  }
  return [...queries, ...wide.values()];
}

/** All tasks of a job, as the ranges that `planPoll` takes. */
export function wholeJob(outcomes: JobOutcomes): IndexRange[] {
  return [[0, outcomes.header?.tasks ?? 0]];
}

/** The ranges of tasks without an outcome in the bucket that begins at `start`. */
function gapsOf(outcomes: JobOutcomes, start: number): IndexRange[] {
  const end = Math.min(start + BUCKET_TASKS, outcomes.header?.tasks ?? 0);
  if (outcomes.missingBetween(start, end) === end - start) return [[start, end]];
  const gaps: IndexRange[] = [];
  let from = -1;
  for (let task = start; task < end; task++) {
    if (outcomes.isFinal(task)) {
      if (from >= 0) gaps.push([from, task]);
      from = -1;
    } else if (from < 0) from = task;
  }
  if (from >= 0) gaps.push([from, end]);
  return gaps;
}

function tight(bucket: number, gaps: readonly IndexRange[]): PageQuery[] {
  if (gaps.length <= SINGLE_GAPS) return gaps.map(([first, past]) => ({ bucket, first, past }));
  return [{ bucket, first: gaps[0]?.[0] ?? 0, past: gaps.at(-1)?.[1] ?? 0 }];
}

/** Adds the pages that could overlap a bucket's gaps, merged into one query per bucket. */
function widen(queries: Map<number, PageQuery>, bucket: number, gaps: readonly IndexRange[]): void {
  const [firstGap, lastGap] = [gaps[0], gaps.at(-1)];
  if (!firstGap || !lastGap) return;
  const first = Math.max(0, firstGap[0] - LEASE_SPAN + 1);
  const edge = bucket * BUCKET_TASKS;
  if (first < edge) {
    const before = queries.get(bucket - 1);
    queries.set(bucket - 1, { bucket: bucket - 1, first: Math.min(first, before?.first ?? first), past: edge });
  }
  queries.set(bucket, { bucket, first: Math.max(first, edge), past: lastGap[1] });
}
