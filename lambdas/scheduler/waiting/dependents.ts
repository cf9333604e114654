import type { ClaimedWork } from "../../core/claimed-work.ts";
import { ledgerShares } from "../../core/ledger.ts";
import type { ParentBucket } from "../../core/wait-graph.ts";
import { bucketOf, edgePartition, ledgerKey } from "../../protocol/rows.ts";
import type { Log } from "../ports/scheduler-ports.ts";
import { cascadeRow } from "../rows/due-rows.ts";
import { jobHeader, readableHeader, readJob } from "../rows/job-row.ts";
import { LedgerView } from "../rows/ledger-view.ts";
import type { EndedPage } from "../rows/outcome-rows.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { edgeTarget, hasWaits, waitGraph } from "../rows/wait-rows.ts";
import { resolveGroups } from "./resolve-groups.ts";
import type { SettlingContext } from "./settling-context.ts";
import { type Candidate, Verdicts } from "./verdicts.ts";

/**
 * Maximum time for which one pass follows failures from job to job, in milliseconds. The rest is stored as due, for the
 * next tick.
 */
const CASCADE_MS = 15_000;

/**
 * Whether tasks may depend on this job. Costs one read unless this is already known. Call it after the outcome page is
 * written: tasks that depend on the job from then on read the page.
 */
export async function isDependedOn(cluster: JobAccess, job: string): Promise<boolean> {
  if (cluster.memory.jobs.depended.has(job)) return true;
  const header = cluster.memory.jobs.headers.get(job);
  if (header && hasWaits(header)) return true;
  const row = await readJob(cluster, job);
  if (row?.dependents) cluster.memory.jobs.depended.set(job, true);
  return (
    row?.dependents === true ||
    (cluster.memory.jobs.headers.get(job) !== undefined && hasWaits(cluster.memory.jobs.headers.get(job) ?? {}))
  );
}

/**
 * Resolves the dependents of ended tasks: adds the pages to ledgers, releases groups whose dependencies are met, ends
 * those whose dependencies can no longer be met, and continues with the dependents of these.
 *
 * All of this follows from pages and ledgers, so repeating it changes nothing, and the sweep completes it after a
 * crash.
 *
 * @returns released tasks, claimed by this pass
 */
export async function settleDependents(cluster: SettlingContext, ended: readonly EndedPage[]): Promise<ClaimedWork[]> {
  const works: ClaimedWork[] = [];
  const frontier = ended.filter(({ page }) => page.entries.some(({ final }) => final));
  const until = cluster.now() + CASCADE_MS;
  for (let page = frontier.shift(); page; page = frontier.shift()) {
    if (cluster.now() >= until) {
      const left = [page, ...frontier];
      await cluster.store.write(left.map(({ job, first, lease }) => cascadeRow(cluster.now(), job, first, lease)));
      break;
    }
    if (!(await isDependedOn(cluster, page.job))) continue;
    const resolved = await settlePage(cluster, page);
    works.push(...resolved.works);
    frontier.push(...resolved.ended);
  }
  return works;
}

/**
 * Adds the outcomes in a page to their ledgers and resolves the groups that they decide. Atomic against every other
 * update of a ledger; adding a page again changes nothing.
 */
async function settlePage(cluster: SettlingContext, { job, first, lease, page }: EndedPage) {
  const header = await jobHeader(cluster, job);
  const view = new LedgerView(cluster);
  const verdicts = new Verdicts(cluster, view);
  const isGraph = header !== undefined && hasWaits(header);
  const graph = isGraph ? await waitGraph(cluster, job) : undefined;
  for (const { bucket, ok, bad } of ledgerShares(page, first, lease)) {
    const news = { job, bucket };
    const [updated, early] = await Promise.all([
      cluster.store.update(ledgerKey(job, bucket), { add: { ok, bad }, mayCreate: true }),
      graph ? undefined : edgesFrom(cluster, news),
    ]);
    view.put(job, bucket, updated?.after);
    if (graph && header)
      for (const { index, final } of page.entries)
        if (final && bucketOf(index) === bucket)
          for (const group of graph.childrenOf(index)) verdicts.add({ header, group }, news);
    // The ledgers of a job with waits have a flag if tasks of other jobs depend on the job. Without it, there are no
    // edges to read.
    const edges = early ?? (updated?.after.dependents ? await edgesFrom(cluster, news) : []);
    for (const candidate of edges) verdicts.add(candidate, news);
  }
  return resolveGroups(cluster, view, await verdicts.decided());
}

/** Number of groups to read in parallel. */
const READ_AT_ONCE = 32;

/** Groups of other jobs that depend on tasks of a bucket, ordered by job. */
async function edgesFrom(cluster: JobAccess & Log, { job, bucket }: ParentBucket): Promise<Candidate[]> {
  const edges = await cluster.store.list(edgePartition(job, bucket));
  const candidates: Candidate[] = [];
  for (let at = 0; at < edges.length; at += READ_AT_ONCE)
    await Promise.all(
      edges.slice(at, at + READ_AT_ONCE).map(async (edge, offset) => {
        const target = edgeTarget(edge);
        const [header, graph] = await Promise.all([
          readableHeader(cluster, target.job),
          waitGraph(cluster, target.job),
        ]);
        const group = graph.groupOf(target.from);
        if (header && group) candidates[at + offset] = { header, group };
      }),
    );
  return candidates.filter((candidate) => candidate !== undefined);
}
