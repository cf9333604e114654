import type { IndexRange } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { specPageKey } from "../../protocol/rows.ts";
import type { SpecPage } from "../../protocol/spec-page.ts";
import { specPageRow } from "../../protocol/spec-page-row.ts";
import type { JobAccess } from "./row-access.ts";

/**
 * Returns the spec pages that hold the tasks of these ranges, by first index. Pages that are not in memory are read in
 * one call; pages that do not exist are left out.
 */
export async function specPages(
  cluster: JobAccess,
  header: Pick<JobHeader, "id" | "pageTasks">,
  ranges: Iterable<IndexRange>,
): Promise<Map<number, SpecPage>> {
  const { id: job, pageTasks } = header;
  const wanted = new Set<number>();
  for (const [from, to] of ranges)
    for (let first = from - (from % pageTasks); first < to; first += pageTasks) wanted.add(first);
  const pages = new Map<number, SpecPage>();
  const missing: number[] = [];
  for (const first of wanted) {
    const page = cluster.memory.jobs.specs.get(`${job}#${first}`);
    if (page) pages.set(first, page);
    else missing.push(first);
  }
  const rows = await cluster.store.read(missing.map((first) => specPageKey(job, first)));
  for (const [at, first] of missing.entries()) {
    const row = rows[at];
    if (!row) continue;
    const page = specPageRow.parse(row);
    cluster.memory.jobs.specs.set(`${job}#${first}`, page);
    pages.set(first, page);
  }
  return pages;
}
