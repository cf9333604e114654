import type { JobHeader } from "../../../protocol/job-header.ts";
import type { OutcomePage } from "../../../protocol/outcome-page.ts";
import { bodyWithUsage, packOutcomePage } from "../../../protocol/packed-page.ts";
import { addUsage, noUsage, packUsage, type Usage } from "../../../protocol/usage.ts";
import type { PlacingContext } from "../../placing/placing-context.ts";
import { noteSpending } from "../../rows/spent-budget.ts";

/** Number of bytes that one write unit of DynamoDB writes. */
const UNIT_BYTES = 1024;

/** Approximate size, in bytes, of an outcome page's row without its body: key, names and usage. */
const MORE_BYTES = 180;

/** A report's page with the usage that is charged to its job. */
export interface ChargedPage {
  page: OutcomePage;
  /** The body of the page's row. */
  body: string;
  /**
   * Call this if the page is not written: returns the usage to the memory of this process, to be charged later.
   *
   * @param isEngines whether to return the engine's usage, too, because no page of this report contains it
   */
  keep(isEngines: boolean): void;
}

/**
 * Charges the page with the engine's usage since its last report, and with the usage that this process has not charged
 * to a job yet. This needs no call of its own, because the page is written, and read by the client, anyway.
 *
 * @param engines the engine's usage since its last report; the caller has noted it as spending of the job
 */
export function chargedPage(
  cluster: PlacingContext,
  header: JobHeader,
  page: OutcomePage,
  engines: Readonly<Usage>,
): ChargedPage {
  const { usage } = cluster.memory;
  const body = packOutcomePage(page);
  const own = usage.take();
  const sum = { ...own };
  addUsage(sum, engines);
  const used = packUsage(sum);
  if (!used) return { page, body, keep: () => {} };
  // The page also charges its own write units. They are subtracted here, because the write will count them.
  const put = { ...noUsage(), writeUnits: Math.ceil((Buffer.byteLength(body) + MORE_BYTES) / UNIT_BYTES) };
  addUsage(sum, put);
  usage.add(put, -1);
  noteSpending(cluster, header, own, 1);
  noteSpending(cluster, header, put, 1);
  const keep = (isEngines: boolean) => {
    noteSpending(cluster, header, sum, -1);
    usage.add(own);
    usage.add(put);
    if (isEngines) usage.add(engines);
  };
  const charged = packUsage(sum) ?? used;
  return { page: { ...page, used: charged }, body: bodyWithUsage(body, charged), keep };
}
