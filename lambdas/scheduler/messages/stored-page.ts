import { firstIndex, type Lease, leaseName } from "../../core/lease.ts";
import type { OutcomePage } from "../../protocol/outcome-page.ts";
import { packOutcomePage } from "../../protocol/packed-page.ts";
import { bucketOf, outcomePageKey } from "../../protocol/rows.ts";
import type { StoredPage } from "../../protocol/scheduler-answer.ts";

/** Maximum size of a page in an answer, in characters. A larger page is left out, and read from the table instead. */
const PAGE_CHARS = 64_000;

/** A lease's outcome page, for an answer; `undefined` if it is too large. */
export function storedPage(lease: Lease, page: OutcomePage): StoredPage | undefined {
  const body = packOutcomePage(page);
  if (body.length > PAGE_CHARS) return undefined;
  const { sk } = outcomePageKey(lease.job, firstIndex(lease), leaseName(lease));
  return { job: lease.job, bucket: bucketOf(firstIndex(lease)), sk, body };
}
