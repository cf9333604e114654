import type { Engine } from "../../core/engine.ts";
import { firstIndex, type Lease, leaseName } from "../../core/lease.ts";
import { holdsTask } from "../../core/parked.ts";
import type { EndedChildren } from "../../protocol/engine-answer.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { OutcomePage } from "../../protocol/outcome-page.ts";
import { packOutcomePage } from "../../protocol/packed-page.ts";
import { bucketOf, outcomePageKey } from "../../protocol/rows.ts";
import { parseTaskId } from "../../protocol/task-id.ts";

/** Maximum size of a page in the answer to the message that stored it, in characters. Larger ones are read. */
const PAGE_CHARS = 64_000;

/**
 * The page that a session has just stored, for the answer, if a task of this session submitted the page's job and so
 * may wait for it. It then need not be read.
 */
export function endedChildren(
  engine: Pick<Engine, "leases" | "parked">,
  { parent }: Pick<JobHeader, "parent">,
  lease: Lease,
  page: OutcomePage,
): { ended?: EndedChildren } {
  if (parent === undefined) return {};
  const { job, index } = parseTaskId(parent);
  if (!holdsTask(engine, job, index)) return {};
  const body = packOutcomePage(page);
  if (body.length > PAGE_CHARS) return {};
  const { sk } = outcomePageKey(lease.job, firstIndex(lease), leaseName(lease));
  return { ended: { job: lease.job, bucket: bucketOf(firstIndex(lease)), sk, body } };
}
