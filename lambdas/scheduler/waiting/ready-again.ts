import type { ClaimedWork } from "../../core/claimed-work.ts";
import { leaseRangesWithin, leaseTasks } from "../../core/lease.ts";
import { backToWaiting, Releases, releasedAt } from "../../core/releases.ts";
import type { WaitGraph } from "../../core/wait-graph.ts";
import type { WaitGroup } from "../../protocol/dependency.ts";
import { type IndexRange, indexesOf, rangesOf } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { bucketOf, ledgerKey, type Row } from "../../protocol/rows.ts";
import { LedgerView } from "../rows/ledger-view.ts";
import { type DueEntry, requeueRows } from "../rows/queue-rows.ts";
import { hasWaits, waitGraph } from "../rows/wait-rows.ts";
import { settleDependents } from "./dependents.ts";
import { type End, endReleased, impossible } from "./release-groups.ts";
import { resolveGroups } from "./resolve-groups.ts";
import { queueReleased } from "./settle-ended.ts";
import type { SettlingContext } from "./settling-context.ts";

/** Requeued tasks after their dependencies were checked. */
interface ReadyAgain {
  /** Queue entries of the tasks that may run. */
  entries: DueEntry[];
  /** Tasks released by the check. */
  works: ClaimedWork[];
}

/**
 * Checks requeued tasks against their dependencies. A lease may contain a task and one that depends on it: if the first
 * failed, or the lease was lost, the dependent must wait again or can never run.
 */
async function readyAgain(
  cluster: SettlingContext,
  header: JobHeader,
  requeued: readonly DueEntry[],
): Promise<ReadyAgain> {
  if (!hasWaits(header) || requeued.length === 0) return { entries: [...requeued], works: [] };
  const graph = await waitGraph(cluster, header.id);
  const view = new LedgerView(cluster);
  const again: ReadyAgain = { entries: [], works: [] };
  const back: { group: WaitGroup; index: number; hop: number }[] = [];
  for (const one of requeued) {
    const { requeued: batch } = one.entry;
    if (!batch) {
      again.entries.push(one);
      continue;
    }
    const ready: number[] = [];
    const ends = new Map<number, End>();
    for (const index of indexesOf(batch.ranges.map(({ from, to }): IndexRange => [from, to]))) {
      const group = graph.groupOf(index);
      const state = group ? await view.judge(header.id, group) : ({ is: "met" } as const);
      switch (state.is) {
        case "met":
          ready.push(index);
          break;
        case "impossible":
          ends.set(index, { status: "impossible", error: impossible(state) });
          break;
        case "waiting":
          if (group) back.push({ group, index, hop: batch.hop });
          break;
        default:
          state satisfies never;
      }
    }
    const ranges = leaseRangesWithin(batch.ranges, await ours(cluster, graph, ready, batch.hop));
    if (ranges.length > 0)
      again.entries.push({
        ...one,
        entry: { ...one.entry, tasks: leaseTasks({ ranges }), requeued: { ...batch, ranges } },
      });
    if (ends.size > 0) {
      const ended = new Map([[batch.hop, rangesOf(ends.keys())]]);
      const pages = await endReleased(cluster, header.id, ended, (index) => ends.get(index));
      again.works.push(...(await settleDependents(cluster, pages)));
    }
  }
  again.works.push(...(await waitAgain(cluster, header, back)));
  return again;
}

/**
 * Takes tasks that are ready again at a hop. Another pass over the same lease may have found one of them waiting: it
 * then returned the task to waiting at this hop, and the pass that released it from there has it. Atomic against such a
 * return and release, because they update the same ledger.
 *
 * @returns the tasks that nobody else has released at this hop; taking them again, as a repeated pass does, is allowed
 */
async function ours(
  cluster: SettlingContext,
  graph: WaitGraph,
  ready: readonly number[],
  hop: number,
): Promise<IndexRange[]> {
  const buckets = new Map<number, number[]>();
  const free: number[] = [];
  for (const index of ready) {
    const group = graph.groupOf(index);
    const mine = group ? (buckets.get(bucketOf(group.from)) ?? []) : free;
    mine.push(index);
    if (group) buckets.set(bucketOf(group.from), mine);
  }
  const taken = await Promise.all(
    [...buckets].map(async ([bucket, indexes]) => {
      const add = { opened: indexes.map((index) => releasedAt(index, hop)) };
      const updated = await cluster.store.update(ledgerKey(graph.job, bucket), { add, mayCreate: true });
      const before = new Releases(updated?.before?.opened);
      return indexes.filter((index) => before.hopOf(index) < hop || before.isWaiting(index));
    }),
  );
  return rangesOf([...free, ...taken.flat()]);
}

/**
 * Returns tasks to waiting, and then evaluates their groups again, because their parents may have ended while the tasks
 * were not waiting. Atomic against every release of the tasks, because a release updates the same ledger.
 */
async function waitAgain(
  cluster: SettlingContext,
  header: JobHeader,
  back: readonly { group: WaitGroup; index: number; hop: number }[],
): Promise<ClaimedWork[]> {
  const buckets = new Map<number, string[]>();
  for (const { group, index, hop } of back) {
    const bucket = bucketOf(group.from);
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), backToWaiting(index, hop)]);
  }
  for (const [bucket, released] of buckets)
    await cluster.store.update(ledgerKey(header.id, bucket), { add: { opened: released }, mayCreate: true });
  const fresh = new LedgerView(cluster);
  const decided = [];
  for (const group of new Set(back.map((one) => one.group))) {
    const state = await fresh.judge(header.id, group);
    if (state.is !== "waiting") decided.push({ header, group, state });
  }
  if (decided.length === 0) return [];
  const { works, ended } = await resolveGroups(cluster, fresh, decided);
  return [...works, ...(await settleDependents(cluster, ended))];
}

/**
 * Makes rows that requeue the tasks whose dependencies are still met. The other tasks return to waiting or end, and the
 * dependents that this releases are queued at once.
 */
export async function requeuedRows(
  cluster: SettlingContext,
  header: JobHeader,
  requeued: readonly DueEntry[],
): Promise<Row[]> {
  const { entries, works } = await readyAgain(cluster, header, requeued);
  await queueReleased(cluster, works);
  return requeueRows(entries, cluster.now(), header);
}
