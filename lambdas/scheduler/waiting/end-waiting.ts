import type { ClaimedWork } from "../../core/claimed-work.ts";
import { commonRanges, type IndexRange } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { bucketOf } from "../../protocol/rows.ts";
import { LedgerView } from "../rows/ledger-view.ts";
import { hasWaits, waitGraph } from "../rows/wait-rows.ts";
import { settleDependents } from "./dependents.ts";
import { type End, endReleased, releaseTasks } from "./release-groups.ts";
import type { SettlingContext } from "./settling-context.ts";

/**
 * Ends the given tasks of a job that still wait for others, because they were aborted or have expired. Tasks that
 * another scheduler releases at the same moment are left to it.
 *
 * @returns released tasks that had waited for these to end
 */
export async function endWaiting(
  cluster: SettlingContext,
  header: JobHeader,
  ranges: readonly IndexRange[],
  end: End,
): Promise<ClaimedWork[]> {
  if (!hasWaits(header)) return [];
  const graph = await waitGraph(cluster, header.id);
  const byBucket = new Map<number, IndexRange[]>();
  for (const { from, to } of graph.groups) {
    const wanted = commonRanges([[from, to]], ranges);
    if (wanted.length > 0) byBucket.set(bucketOf(from), [...(byBucket.get(bucketOf(from)) ?? []), ...wanted]);
  }
  const view = new LedgerView(cluster);
  await view.load([...byBucket.keys()].map((bucket) => ({ job: header.id, bucket })));
  const works: ClaimedWork[] = [];
  for (const [bucket, some] of byBucket) {
    const released = await releaseTasks(cluster, view, { job: header.id, ranges: some, bucket });
    works.push(...(await settleDependents(cluster, await endReleased(cluster, header.id, released, () => end))));
  }
  return works;
}
