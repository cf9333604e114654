import { type ClaimedLease, type ClaimedWork, leaseOf } from "../../core/claimed-work.ts";
import type { Engine } from "../../core/engine.ts";
import { type LeaseRange, leaseRanges } from "../../core/lease.ts";
import { mostTasks } from "../../core/lease-size.ts";
import type { QueueEntry } from "../../core/queue-entry.ts";
import { eligibility } from "../../core/queue-name.ts";
import { eligibleCount } from "../../core/roster.ts";
import { indexesOf, rangesOf } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { bucketOf } from "../../protocol/rows.ts";
import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { RemembersJobs } from "../memory/job-memory.ts";
import type { Configured } from "../ports/cluster-config.ts";
import { releaseChain } from "./release-chain.ts";
import type { SettlingContext } from "./settling-context.ts";

/**
 * Work that takes at most this many milliseconds is not worth an engine of its own, because placing it would take as
 * long.
 */
const NOT_WORTH_SHARING_MS = 40;

/**
 * Target duration of a lease with a chain in it, in milliseconds. It is short, because other tasks may wait for tasks
 * of the chain.
 */
const CHAIN_AIM_MS = 100;

/** The released tasks that a reporting engine takes, and those left for others. */
export interface Taken {
  claimed: ClaimedLease[];
  left: ClaimedWork[];
}

/**
 * Gives an engine that asks for its next lease the tasks that its report has just released, without a queue entry or a
 * claim. Under an adaptive high-water mark, tasks that depend only on tasks of that lease are added to it, so that a
 * chain of short tasks takes only a few leases.
 */
export async function takeReleased(
  cluster: SettlingContext,
  engine: Engine,
  claimed: readonly ClaimedLease[],
  released: readonly ClaimedWork[],
): Promise<Taken> {
  if (engine.closed) return { claimed: [...claimed], left: [...released] };
  const { hwm } = cluster.config;
  const fits = released.filter(({ entry, hop }) => hop === 0 && eligibility(entry.queue)(engine));
  const [first] = fits;
  const [next] = claimed;
  if (!first || claimed.length > 1 || (next && hwm !== "adaptive"))
    return { claimed: [...claimed], left: [...released] };
  const target = next ?? { lease: leaseOf(first, []), header: first.header };
  const joins = (work: ClaimedWork) => work.entry.job === target.lease.job && work.entry.queue === target.lease.queue;
  if (next && (next.lease.alone || next.lease.hop !== 0 || !fits.some(joins) || hasRetries(next)))
    return { claimed: [...claimed], left: [...released] };
  const same = fits.filter(joins);
  const indexes = [...indexesOf(same.flatMap((work) => leaseRanges(work)))];
  const held = [...indexesOf(leaseRanges(target.lease))];
  const room = sizeFor(cluster, target, indexes.length, held.length);
  const near = indexes.filter((index) => bucketOf(index) === bucketOf(held[0] ?? indexes[0] ?? 0));
  const taken = near.slice(0, Math.max(0, room - held.length));
  const all = [...held, ...taken];
  const chained =
    hwm === "adaptive"
      ? await releaseChain(cluster, target.header, all, chainRoom(cluster, target.header) - all.length)
      : [];
  const runs = runsOf([...all, ...chained]);
  const kept = new Set(taken);
  const left = released.flatMap((work) => {
    if (!same.includes(work)) return [work];
    const rest = [...indexesOf(leaseRanges(work))].filter((index) => !kept.has(index));
    if (rest.length === 0) return [];
    const restRuns = runsOf(rest);
    const requeued = { runs: restRuns, hop: work.hop };
    const queueEntry: QueueEntry = { ...work.entry, tasks: rest.length, requeued };
    return [{ ...work, entry: queueEntry, runs: restRuns }];
  });
  if (runs.length === 0) return { claimed: [...claimed], left };
  const parts = [
    held,
    ...same.map((work) => [...indexesOf(leaseRanges(work))].filter((index) => kept.has(index))),
    chained,
  ]
    .filter((part) => part.length > 0)
    .map((part) => ({ ...target.lease, runs: runsOf(part) }));
  return { claimed: [{ header: target.header, lease: { ...target.lease, runs }, parts }], left };
}

function runsOf(indexes: readonly number[]): LeaseRange[] {
  return rangesOf(indexes).map(([from, to]) => ({ from, to, attempt: 1 }));
}

function hasRetries({ lease }: ClaimedLease): boolean {
  return lease.runs.some(({ attempt }) => attempt !== 1);
}

/**
 * Maximum number of tasks in the lease, including released ones: a fair share of these, or as many as are not worth
 * sharing. A task of unknown length is taken alone.
 */
function sizeFor(
  cluster: Configured & RemembersJobs & RemembersFleet,
  { lease, header }: ClaimedLease,
  released: number,
  held: number,
): number {
  const { hwm } = cluster.config;
  const most = mostTasks(header.specBytes);
  if (hwm !== "adaptive" && hwm !== 0) return Math.min(hwm, most);
  const length = cluster.jobs.lengths.get(lease.job);
  const share = Math.ceil(released / Math.max(1, eligibleCount(lease.queue, cluster.fleet.roster)));
  if (hwm === 0) return Math.min(most, held + share);
  if (!length) return Math.max(held, 1);
  const short = Math.floor(NOT_WORTH_SHARING_MS / Math.max(0.01, length.meanMs));
  return Math.max(held, Math.min(chainRoom(cluster, header), held + Math.max(1, share, short)));
}

/**
 * Maximum number of tasks in a lease with a chain: as many as fill the target duration, but at most eight times the
 * number of measurements behind the mean.
 */
function chainRoom(cluster: RemembersJobs, { id, specBytes }: JobHeader): number {
  const length = cluster.jobs.lengths.get(id);
  if (!length) return 1;
  const aim = Math.floor(CHAIN_AIM_MS / Math.max(0.01, length.meanMs));
  return Math.max(1, Math.min(mostTasks(specBytes), aim, 8 * length.weight));
}
