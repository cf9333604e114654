import { ledgerShares } from "../core/ledger.ts";
import { bucketOf, edgePartition, ledgerKey } from "../protocol/rows.ts";
import type { ClaimedWork } from "./claim-work.ts";
import type { Cluster } from "./cluster.ts";
import { cascadeRow } from "./hint-rows.ts";
import { jobHeader, readJob } from "./jobs.ts";
import { Judgement } from "./judgement.ts";
import { LedgerView } from "./ledger-view.ts";
import type { EndedPage } from "./outcomes.ts";
import { resolveGroups } from "./resolve-groups.ts";
import { edgeTarget, hasWaits, waitGraph } from "./wait-rows.ts";

/** How long one pass follows failures from job to job; the rest waits among what is due, for the next tick. */
const CASCADE_MS = 15_000;

/** Claims that tasks may depend on tasks of the job. One read for a job of which that is not known, after its page was put: who comes to depend on it later reads the page. */
export async function isDependedOn(cluster: Cluster, job: string): Promise<boolean> {
  if (cluster.depended.has(job)) return true;
  const header = cluster.headers.get(job);
  if (header && hasWaits(header)) return true;
  const row = await readJob(cluster, job);
  if (row?.dependents) cluster.depended.set(job, true);
  return (
    row?.dependents === true || (cluster.headers.get(job) !== undefined && hasWaits(cluster.headers.get(job) ?? {}))
  );
}

/**
 * Acts on tasks that have ended, for those that wait for them: pages first are noted in ledgers, then groups that are met
 * are opened, and those that can no longer be are ended, and so on to whom these fail in their turn.
 *
 * Everything is a function of pages and ledgers: done twice, it comes to the same; left undone, the sweep does it.
 *
 * @returns opened tasks, claimed by this pass
 */
export async function settleDependents(cluster: Cluster, ended: readonly EndedPage[]): Promise<ClaimedWork[]> {
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

async function settlePage(cluster: Cluster, { job, first, lease, page }: EndedPage) {
  const header = await jobHeader(cluster, job);
  const view = new LedgerView(cluster);
  const judgement = new Judgement(cluster, view);
  const isGraph = header !== undefined && hasWaits(header);
  const graph = isGraph ? await waitGraph(cluster, job) : undefined;
  for (const { bucket, ok, bad } of ledgerShares(page, first, lease)) {
    const marked = await cluster.store.mark(ledgerKey(job, bucket), { add: { ok, bad }, upsert: true });
    view.put(job, bucket, marked?.after);
    const news = { job, bucket };
    if (graph && header)
      for (const { index, final } of page.entries)
        if (final && bucketOf(index) === bucket)
          for (const group of graph.childrenOf(index)) judgement.add({ header, group }, news);
    // Who depends on it from another job says so on the ledger, or on the row of a job that kept none.
    if (graph && !marked?.after.dependents) continue;
    for (const edge of await cluster.store.list(edgePartition(job, bucket))) {
      const target = edgeTarget(edge);
      const child = await jobHeader(cluster, target.job);
      const group = child && (await waitGraph(cluster, target.job)).groupOf(target.from);
      if (child && group) judgement.add({ header: child, group }, news);
    }
  }
  return resolveGroups(cluster, view, await judgement.decided());
}
