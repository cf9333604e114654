import { type ClaimedWork, returnedEntry } from "../../core/claimed-work.ts";
import { type LeaseRange, leaseIndexRanges, leaseRangesWithin } from "../../core/lease.ts";
import { formatQueue, parseQueue } from "../../core/queue-name.ts";
import {
  commonRanges,
  type IndexRange,
  indexesOf,
  mergedRanges,
  rangesOf,
  withoutRanges,
} from "../../protocol/index-ranges.ts";
import type { Entry } from "../../protocol/outcome-page.ts";
import { listEngines } from "../rows/engine-rows.ts";
import { LedgerView } from "../rows/ledger-view.ts";
import { putEntries } from "../rows/outcome-rows.ts";
import { queueRows, requeueRows } from "../rows/queue-rows.ts";
import { hasWaits, waitGraph } from "../rows/wait-rows.ts";
import type { End } from "./release-groups.ts";
import { whereTo } from "./resolve-groups.ts";
import { settleEnded } from "./settle-ended.ts";
import type { SettlingContext } from "./settling-context.ts";

/**
 * Checks claimed tasks again against the tasks that they follow. Ends them if they can no longer follow, for example
 * because the engine for which they were queued has died. Requeues them if they belong in another queue, for example
 * because the sweep queued them, as lost tasks, for any engine.
 *
 * @returns the ranges that may be leased
 */
export async function holdToFollow(cluster: SettlingContext, work: ClaimedWork): Promise<LeaseRange[]> {
  const { entry, header, ranges, hop } = work;
  if (!entry.requeued || !hasWaits(header) || ranges.length === 0) return ranges;
  const graph = await waitGraph(cluster, header.id);
  const indexes = leaseIndexRanges({ ranges });
  const following = graph.groups.filter(
    ({ follow, from, to }) => follow && commonRanges([[from, to]], indexes).length > 0,
  );
  if (following.length === 0) return ranges;
  const view = new LedgerView(cluster);
  const engines = await listEngines(cluster);
  const ends = new Map<number, End>();
  const elsewhere = new Map<string, IndexRange[]>();
  for (const group of following) {
    const state = await view.judge(header.id, group);
    if (state.is === "waiting") continue;
    const { queue: followed, end } = whereTo(cluster, { header, group, state }, view, engines);
    // Engines and pools that refused the tasks stay excluded.
    const queue = formatQueue({ ...parseQueue(entry.queue), base: parseQueue(followed).base });
    const own = commonRanges([[group.from, group.to]], indexes);
    if (end) for (const index of indexesOf(own)) ends.set(index, end);
    else if (queue !== entry.queue) elsewhere.set(queue, [...(elsewhere.get(queue) ?? []), ...own]);
  }
  const rows = [...elsewhere].flatMap(([queue, own]) => {
    const moved = { ...work, entry: { ...entry, queue } };
    cluster.memory.queues.pending.add(queue);
    return requeueRows(
      [{ entry: returnedEntry(moved, leaseRangesWithin(ranges, mergedRanges(own))) }],
      cluster.now(),
      header,
    );
  });
  if (rows.length > 0) await cluster.store.write([...queueRows([...elsewhere.keys()]), ...rows]);
  const entries: Entry[] = [];
  for (const { from, to, attempt } of ranges)
    for (let index = from; index < to; index++) {
      const end = ends.get(index);
      if (end) entries.push({ index, attempt, final: true, ...end });
    }
  if (entries.length > 0) await settleEnded(cluster, await putEntries(cluster, header.id, hop, entries));
  const gone = [...[...elsewhere.values()].flat(), ...rangesOf(ends.keys())];
  return leaseRangesWithin(ranges, withoutRanges(indexes, mergedRanges(gone)));
}
