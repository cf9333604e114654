import { queueName } from "../../core/queue-name.ts";
import type { WaitGraph } from "../../core/wait-graph.ts";
import type { WaitGroup } from "../../protocol/dependency.ts";
import { indexesOf, rangesOf } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { bucketOf } from "../../protocol/rows.ts";
import { LedgerView } from "../rows/ledger-view.ts";
import { hasWaits, waitGraph } from "../rows/wait-rows.ts";
import { requeuedRows } from "./ready-again.ts";
import { releaseTasks } from "./release-groups.ts";
import { releasedWork } from "./released-work.ts";
import type { SettlingContext } from "./settling-context.ts";

/** A lease, and the dependent tasks of the same bucket that will join the lease. */
interface Chain {
  job: string;
  bucket: number;
  graph: WaitGraph;
  /** The bucket's ledger, loaded. */
  view: LedgerView;
  /** Tasks of the lease, including those that will join it. */
  inLease: Set<number>;
}

/**
 * Releases tasks that wait only for the success of tasks that are in the lease or have succeeded already.
 *
 * @param held tasks of the lease, all of one bucket
 * @param room maximum number of tasks to add to the lease
 * @returns the added tasks, each after the tasks that it waits for
 */
export async function releaseChain(
  cluster: SettlingContext,
  header: JobHeader,
  held: readonly number[],
  room: number,
): Promise<number[]> {
  if (room <= 0 || !hasWaits(header)) return [];
  const job = header.id;
  const bucket = bucketOf(held[0] ?? 0);
  const graph = await waitGraph(cluster, job);
  const view = new LedgerView(cluster);
  await view.load([{ job, bucket }]);
  const chain = { job, bucket, graph, view, inLease: new Set(held) };
  const wanted = addFollowing(chain, held, room);
  if (wanted.length === 0) return [];
  const released = await releaseTasks(cluster, view, { job, ranges: rangesOf(wanted), bucket });
  const mine = new Set(indexesOf(released.get(0) ?? []));
  if (mine.size === wanted.length) return wanted;
  // Tasks that another scheduler released meanwhile belong to that scheduler; tasks that depend on them wait again.
  for (const index of wanted) chain.inLease.delete(index);
  const { sure, unsure } = sortBySureness(
    chain,
    wanted.filter((index) => mine.has(index)),
  );
  await queueAgain(cluster, header, unsure);
  return sure;
}

/** Adds tasks to the chain that can run in it once the tasks before them succeed, and returns the added tasks. */
function addFollowing(chain: Chain, held: readonly number[], room: number): number[] {
  const { graph, inLease } = chain;
  const added: number[] = [];
  for (const queue = [...held]; queue.length > 0 && added.length < room; ) {
    const parent = queue.shift() ?? 0;
    for (const group of graph.childrenOf(parent)) {
      if (added.length >= room || inLease.has(group.from) || !mayFollow(group, chain)) continue;
      inLease.add(group.from);
      added.push(group.from);
      queue.push(group.from);
    }
  }
  return added;
}

/** Whether the group is a single unreleased task that can run in the lease once the tasks before it succeed. */
function mayFollow(group: WaitGroup, chain: Chain): boolean {
  const { job, bucket, view } = chain;
  const releases = view.releases(job, bucket);
  return (
    group.to - group.from === 1 &&
    bucketOf(group.from) === bucket &&
    !group.follow &&
    !group.takes &&
    group.invalid === undefined &&
    (releases?.waiting([group.from, group.to]).length ?? 0) > 0 &&
    releases?.hopOf(group.from) === 0 &&
    isMetWithin(group, chain)
  );
}

/** Whether the group depends only on the success of tasks that are in the lease or have succeeded. */
function isMetWithin({ after }: WaitGroup, { job: own, view, inLease }: Chain): boolean {
  return after.every(
    ({ on, all, success, failure }) =>
      all &&
      success &&
      !failure &&
      on.every(([job, from, to]) => {
        if (job !== "" && job !== own) return false;
        for (let index = from; index < to; index++)
          if (!inLease.has(index) && view.endedOf(own, index)?.status !== "ok") return false;
        return true;
      }),
  );
}

/**
 * Finds the tasks that can still run in the chain, in order: adds them to the chain, and returns them as `sure` and the
 * others as `unsure`.
 */
function sortBySureness(chain: Chain, indexes: readonly number[]): { sure: number[]; unsure: number[] } {
  const sure: number[] = [];
  const unsure: number[] = [];
  for (const index of indexes) {
    const group = chain.graph.groupOf(index);
    const isMet = group && isMetWithin(group, chain);
    if (isMet) chain.inLease.add(index);
    (isMet ? sure : unsure).push(index);
  }
  return { sure, unsure };
}

async function queueAgain(cluster: SettlingContext, header: JobHeader, indexes: readonly number[]): Promise<void> {
  if (indexes.length === 0) return;
  const queue = queueName(header.flags, cluster.config.pools);
  const works = releasedWork(cluster, header, queue, new Map([[1, rangesOf(indexes)]]));
  const rows = await requeuedRows(cluster, header, works);
  if (rows.length > 0) await cluster.store.write(rows);
  cluster.memory.queues.pending.add(queue);
}
