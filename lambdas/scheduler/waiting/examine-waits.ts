import type { ClaimedWork } from "../../core/claimed-work.ts";
import type { DependencyState } from "../../core/dependency-state.ts";
import { ledgerShares } from "../../core/ledger.ts";
import { type ParentBucket, parentBuckets, parentJobs, type WaitGraph } from "../../core/wait-graph.ts";
import type { WaitGroup } from "../../protocol/dependency.ts";
import { type IndexRange, withoutRanges } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { unpackOutcomePage } from "../../protocol/packed-page.ts";
import { KEY_ONLY } from "../../protocol/row-body.ts";
import { bucketOf, bucketPartition, edgeKey, jobKey, ledgerKey, outcomePagesBetween } from "../../protocol/rows.ts";
import { BUCKET_TASKS, LEASE_SPAN } from "../../protocol/spec-page.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { LedgerView } from "../rows/ledger-view.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { freeTasks, waitGraph } from "../rows/wait-rows.ts";
import { settleDependents } from "./dependents.ts";
import { resolveGroups } from "./resolve-groups.ts";
import type { SettlingContext } from "./settling-context.ts";
import { Verdicts } from "./verdicts.ts";

/**
 * Evaluates all waiting groups of a job: when it is submitted, and in sweeps, in case a scheduler has died meanwhile.
 *
 * Edges are written before the pages of ended parents are read, and a parent's page is written before its edges are
 * read, so that either this scheduler sees the page or the parent's scheduler sees the edges.
 *
 * @param isNew whether the job's row was just written, so that none of its own tasks can have ended
 * @returns released tasks, claimed by this pass
 */
export async function examineWaits(
  cluster: SettlingContext,
  header: JobHeader,
  isNew: boolean,
): Promise<ClaimedWork[]> {
  const graph = await waitGraph(cluster, header.id);
  const view = new LedgerView(cluster);
  const foreign = await drawEdges(cluster, graph);
  await Promise.all(foreign.map((parent) => primeLedger(cluster, view, parent, true)));
  const own = ownBuckets(header);
  if (isNew) for (const bucket of own) view.put(header.id, bucket, undefined);
  else await Promise.all(own.map((bucket) => primeLedger(cluster, view, { job: header.id, bucket }, false)));
  const verdicts = new Verdicts(cluster, view);
  for (const group of graph.groups) {
    if (isNew && group.invalid === undefined && isOwnOnly(graph, group)) continue;
    const releases = view.releases(header.id, bucketOf(group.from));
    if (releases && releases.waiting([group.from, group.to]).length === 0) continue;
    const state: DependencyState = group.invalid === undefined ? await view.judge(header.id, group) : { is: "waiting" };
    if (group.invalid !== undefined)
      await verdicts.decide({ header, group, state: { is: "met" }, end: invalid(group.invalid) });
    else if (state.is !== "waiting") await verdicts.decide({ header, group, state });
  }
  for (const [from, to] of ungrouped(header, graph))
    await verdicts.decide({ header, group: { from, to, after: [] }, state: { is: "met" } });
  const { works, ended } = await resolveGroups(cluster, view, await verdicts.decided());
  return [...works, ...(await settleDependents(cluster, ended))];
}

function invalid(why: string) {
  return {
    status: "impossible",
    error: { code: "InvalidDependency", ename: "InvalidDependency", evalue: why },
  } as const;
}

function isOwnOnly({ job }: WaitGraph, group: WaitGroup): boolean {
  return parentJobs(group, job).every((parent) => parent === job);
}

function ownBuckets(header: JobHeader): number[] {
  const first = bucketOf(freeTasks(header));
  return Array.from({ length: bucketOf(header.tasks - 1) - first + 1 }, (_, at) => first + at);
}

/** Tasks that belong to no wait group but are not claimed from the cursor either, in ranges within one bucket. */
function ungrouped(header: JobHeader, graph: WaitGraph): IndexRange[] {
  const grouped = graph.groups.map(({ from, to }): IndexRange => [from, to]);
  const pieces: IndexRange[] = [];
  for (const bucket of ownBuckets(header)) {
    const from = Math.max(bucket * BUCKET_TASKS, freeTasks(header));
    pieces.push([from, Math.min((bucket + 1) * BUCKET_TASKS, header.tasks)]);
  }
  return withoutRanges(pieces, grouped);
}

/**
 * Writes the edges to groups that depend on other jobs, flags those jobs, and returns the parent buckets that the edges
 * lead from. Setting a flag is atomic against claims and other updates of the job's row.
 */
async function drawEdges(cluster: JobAccess, graph: WaitGraph): Promise<ParentBucket[]> {
  const buckets = new Map<string, ParentBucket>();
  const edges = [];
  for (const group of graph.groups) {
    if (isOwnOnly(graph, group)) continue;
    for (const parent of parentBuckets(group, graph.job)) {
      if (parent.job === graph.job) continue;
      buckets.set(`${parent.job}#${parent.bucket}`, parent);
      edges.push({ ...edgeKey(parent.job, parent.bucket, graph.job, group.from), body: KEY_ONLY });
    }
  }
  if (edges.length === 0) return [];
  await cluster.store.write(edges);
  const jobs = new Set([...buckets.values()].map(({ job }) => job));
  await Promise.all(
    [...jobs].map(async (job) => {
      await cluster.store.update(jobKey(job), { dependents: true });
      cluster.memory.jobs.depended.set(job, true);
    }),
  );
  return [...buckets.values()];
}

/**
 * Adds to a ledger the outcomes of pages that were written before the ledger existed. Atomic against every other update
 * of the ledger; adding a page again changes nothing.
 */
async function primeLedger(
  cluster: StoreAccess,
  view: LedgerView,
  { job, bucket }: ParentBucket,
  isForeign: boolean,
): Promise<void> {
  const first = bucket * BUCKET_TASKS;
  const ranges: [number, IndexRange][] = [[bucket, [first, first + BUCKET_TASKS]]];
  // A page of the bucket before may extend into this one.
  if (bucket > 0) ranges.push([bucket - 1, [first - LEASE_SPAN + 1, first]]);
  const ok: string[] = [];
  const bad: string[] = [];
  const lists = await Promise.all(
    ranges.map(([at, [from, past]]) => cluster.store.list(bucketPartition(job, at), outcomePagesBetween(from, past))),
  );
  for (const row of lists.flat()) {
    const [, index, lease = ""] = row.sk.split("#");
    for (const share of ledgerShares(unpackOutcomePage(row), Number(index), lease))
      if (share.bucket === bucket) {
        ok.push(...share.ok);
        bad.push(...share.bad);
      }
  }
  const update = { ...(isForeign ? { dependents: true as const } : {}), add: { ok, bad }, mayCreate: true as const };
  if (!isForeign && ok.length + bad.length === 0) return view.load([{ job, bucket }]);
  const updated = await cluster.store.update(ledgerKey(job, bucket), update);
  view.put(job, bucket, updated?.after);
}
