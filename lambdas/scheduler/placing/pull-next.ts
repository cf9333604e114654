import { type ClaimedLease, claimedTogether, leaseOf } from "../../core/claimed-work.ts";
import type { Engine } from "../../core/engine.ts";
import { type Lease, leaseIndexRanges, leaseTasks } from "../../core/lease.ts";
import { fitLease } from "../../core/placing/lease-span.ts";
import { batchesFor, type EntryPick, nextSize } from "../../core/placing/pull-work.ts";
import { MAX_LEASES, type Offer, remainingOfJob } from "../../core/placing/push-work.ts";
import { roomUnder } from "../../core/placing/room.ts";
import type { QueueEntry } from "../../core/queue-entry.ts";
import { ANY_ENGINE, isEligible } from "../../core/queue-name.ts";
import { eligibleCount } from "../../core/roster.ts";
import { rangesOf } from "../../protocol/index-ranges.ts";
import type { RemembersJobs } from "../memory/job-memory.ts";
import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { Configured } from "../ports/cluster-config.ts";
import { listQueueEntries } from "../rows/queue-rows.ts";
import { hasWaits } from "../rows/wait-rows.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";
import { chooseEntry } from "./choose-entry.ts";
import { claimEntries, claimEntry, offerOf, remainingOf } from "./claim-entry.ts";
import { endOverspent } from "./end-overspent.ts";
import { forgetEntries, recentEntries } from "./recent-entries.ts";
import { returnWork } from "./return-work.ts";

/**
 * Claims the next leases for a reporting engine, from the queue entry that `choose-entry.ts` picks. More than one lease
 * is claimed only under an explicit high-water mark, if an entry has fewer tasks left than the engine has room for.
 *
 * @param mayClaim called while the queues are read and awaited before each claim; if it resolves to false, nothing more
 *   is claimed
 */
export async function pullNext(
  cluster: SettlingContext,
  engine: Engine,
  mayClaim: () => Promise<boolean> = async () => true,
): Promise<ClaimedLease[]> {
  const { hwm } = cluster.config;
  const claimed: ClaimedLease[] = [];
  if (engine.closed) return claimed;
  const queues = [ANY_ENGINE, ...engine.queues];
  let load = engine.leases.slice(1).reduce((sum, lease) => sum + leaseTasks(lease), 0);
  for (;;) {
    // Without a limit (hwm 0), the engine claims one lease at a time.
    const room = hwm === 0 && claimed.length > 0 ? 0 : roomUnder(hwm, load);
    if (room <= 0 || engine.leases.length + claimed.length > MAX_LEASES) return claimed;
    const [listed, may] = await Promise.all([recentEntries(cluster, queues), mayClaim()]);
    const entries = listed.filter(({ queue }) => isEligible(engine, queue));
    if (!may) return claimed;
    const leases = claimed.map(({ lease }) => lease);
    const entry = await chooseEntry(cluster, engine, entries, leases);
    if (!entry) return claimed;
    const size = nextSize(hwm, jobOffer(cluster, entry, entries), entries, cluster.memory.fleet.roster);
    const picks = picksFor(cluster, engine, entry, entries, Math.min(size, room));
    const works = await claimEntries(cluster, entry.job, picks);
    const drained = works.filter((work) => work.drained).length;
    if (works.length < picks.length || drained > 0) forgetEntries(cluster);
    const next = claimedTogether(works);
    if (!next) {
      await endOverspent(cluster);
      continue;
    }
    claimed.push({ ...next, more: drained < works.length || entries.length > picks.length });
    load += leaseTasks(next.lease);
  }
}

/**
 * The entries from which to fill the next lease. Several entries fill one lease only under `adaptive`, and only in jobs
 * with neither dependencies, which may hold some of the tasks back, nor `timeoutMs`, which counts from a different time
 * for each entry.
 */
function picksFor(
  cluster: SettlingContext,
  engine: Engine,
  first: QueueEntry,
  entries: readonly QueueEntry[],
  most: number,
): EntryPick[] {
  const header = cluster.memory.jobs.headers.get(first.job);
  const isSingle = cluster.config.hwm !== "adaptive" || !header || hasWaits(header) || header.flags.timeoutMs;
  if (isSingle) return [{ entry: first, tasks: most }];
  const offers = entries.map((entry) => offerOf(cluster, entry));
  return batchesFor(engine, first, offers, most, cluster.memory.fleet.roster);
}

/**
 * Claims tasks to add to the lease that an engine is still running, so that it does not idle while it asks for its next
 * one. Claims only tasks of the same job, and only if the job is next in the queue and the tasks are near enough to
 * share an outcome page. At a job's cursor, more than two tasks for each eligible engine must be left, so that the
 * other engines get some.
 *
 * Claims nothing under an explicit high-water mark, because that mark limits the number of tasks that an engine holds.
 *
 * @param mayClaim awaited before the claim; if it resolves to false, nothing is claimed
 */
export async function pullAhead(
  cluster: SettlingContext,
  engine: Engine,
  lease: Lease,
  running: readonly number[],
  mayClaim: () => Promise<boolean>,
): Promise<ClaimedLease | undefined> {
  const { hwm } = cluster.config;
  if (hwm !== "adaptive" || engine.closed || lease.alone || engine.leases.length > 1 || running.length === 0)
    return undefined;
  const runningRanges = rangesOf(running);
  const entries = await listQueueEntries(cluster, [ANY_ENGINE, ...engine.queues]);
  const eligible = entries.filter(({ queue }) => isEligible(engine, queue));
  const entry = await chooseEntry(cluster, engine, eligible);
  if (entry?.job !== lease.job || entry.queue !== lease.queue || entry.requeued?.atMost !== undefined) return undefined;
  const remaining = remainingOf(cluster, entry);
  if (!entry.requeued && remaining <= 2 * eligibleCount(entry.queue, cluster.memory.fleet.roster)) return undefined;
  const size = nextSize(hwm, jobOffer(cluster, entry, entries), entries, cluster.memory.fleet.roster);
  const ahead = entry.requeued
    ? leaseIndexRanges(entry.requeued)
    : [[entry.tasks - remaining, entry.tasks - remaining + size] as const];
  if (!fitLease([...ahead, ...runningRanges]) || !(await mayClaim())) return undefined;
  const work = await claimEntry(cluster, entry, size);
  if (!work || work.ranges.length === 0) return undefined;
  const more = !work.drained || entries.length > 1;
  const claimed = { lease: leaseOf(work, work.ranges), header: work.header, more };
  if (fitLease([...leaseIndexRanges(work), ...runningRanges])) return claimed;
  // Other schedulers have claimed tasks of the entry meanwhile, so the tasks left for this claim are too far from the
  // running ones to share an outcome page.
  await returnWork(cluster, work, work.ranges);
  return undefined;
}

/**
 * The offer of an entry. Under `adaptive`, it counts the remaining tasks of the whole job, which may be in several
 * entries.
 */
function jobOffer(
  cluster: Configured & RemembersJobs & RemembersQueues,
  entry: QueueEntry,
  entries: readonly QueueEntry[],
): Offer {
  const offer = offerOf(cluster, entry);
  if (cluster.config.hwm !== "adaptive") return offer;
  const offers = entries.map((one) => offerOf(cluster, one));
  return { ...offer, remaining: remainingOfJob(entry.job, offers) };
}
