import type { IndexRange } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { bucketOf } from "../../protocol/rows.ts";
import { LedgerView } from "../rows/ledger-view.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { hasWaits, waitGraph } from "../rows/wait-rows.ts";

/** Tasks that still wait for others and have not been released, and so are not missing. */
export async function waitingRanges(cluster: JobAccess, header: JobHeader): Promise<IndexRange[]> {
  if (!hasWaits(header)) return [];
  const { groups } = await waitGraph(cluster, header.id);
  const buckets = [...new Set(groups.map(({ from }) => bucketOf(from)))];
  const view = new LedgerView(cluster);
  await view.load(buckets.map((bucket) => ({ job: header.id, bucket })));
  return groups.flatMap(({ from, to }) => view.releases(header.id, bucketOf(from))?.waiting([from, to]) ?? []);
}
