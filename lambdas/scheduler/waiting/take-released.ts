import { type ClaimedLease, type ClaimedWork, leaseOf } from "../../core/claimed-work.ts";
import type { Engine } from "../../core/engine.ts";
import { firstIndex, type Lease, type LeaseRange, leaseIndexRanges } from "../../core/lease.ts";
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
import { mayStart } from "../rows/spent-budget.ts";
import { releaseChain } from "./release-chain.ts";
import type { SettlingContext } from "./settling-context.ts";

/**
 * Released work that takes at most this many milliseconds is left to one engine: placing part of it on another engine
 * would take as long.
 */
const NOT_WORTH_SHARING_MS = 40;

/**
 * Target duration, in milliseconds, of a lease that contains a chain of dependent tasks. It is short, because other
 * tasks may wait for tasks of the lease, but longer than a report takes.
 */
const CHAIN_AIM_MS = 200;

/** The released tasks that a reporting engine takes, and those left for others. */
export interface Taken {
  claimed: ClaimedLease[];
  left: ClaimedWork[];
}

/**
 * Gives an engine that asks for its next lease, or for tasks to join its running one, a part of the tasks that its
 * report has just released. They need no queue entry and no claim. Under an adaptive high-water mark, tasks that depend
 * only on tasks of that lease are added to it, so that a chain of short tasks takes only a few leases.
 *
 * @param running the tasks of the reported lease that still run, and that the released ones join
 */
export async function takeReleased(
  cluster: SettlingContext,
  engine: Engine,
  claimed: readonly ClaimedLease[],
  released: readonly ClaimedWork[],
  running?: Lease,
): Promise<Taken> {
  const isFor = (work: ClaimedWork) => work.hop === 0 && eligibility(work.entry.queue)(engine);
  const fits = released.filter((work) => isFor(work) && (!running || joins(work, running)));
  const target = targetFor(cluster, engine, claimed, fits, running);
  // If the released tasks join newly claimed ones, that claim has checked their job's budget. Otherwise it is checked
  // here. Tasks that must not start are queued, and get their outcome when they are claimed.
  if (!target || !(claimed.includes(target) || (await mayStart(cluster, target.header))))
    return { claimed: [...claimed], left: [...released] };
  const same = fits.filter((work) => joins(work, target.lease));
  const indexes = [...indexesOf(same.flatMap((work) => leaseIndexRanges(work)))];
  const held = [...indexesOf(leaseIndexRanges(target.lease))];
  const room = sizeFor(cluster, target, indexes.length, held.length);
  const bucket = bucketOf(running ? firstIndex(running) : (held[0] ?? indexes[0] ?? 0));
  const near = indexes.filter((index) => bucketOf(index) === bucket);
  const taken = near.slice(0, Math.max(0, room - held.length));
  const all = [...held, ...taken];
  // Tasks that depend on tasks of the running lease are not added: the engine would not know of that dependency.
  const chained =
    cluster.config.hwm === "adaptive"
      ? await releaseChain(cluster, target.header, all, chainRoom(cluster, target.header) - all.length)
      : [];
  const kept = new Set(taken);
  const left = released.flatMap((work) => (same.includes(work) ? withoutTasks(work, kept) : [work]));
  const ranges = firstAttempts([...all, ...chained]);
  if (ranges.length === 0) return { claimed: [...claimed], left };
  const takenOf = (work: ClaimedWork) => [...indexesOf(leaseIndexRanges(work))].filter((index) => kept.has(index));
  const parts = [held, ...same.map(takenOf), chained]
    .filter((part) => part.length > 0)
    .map((part) => ({ ...target.lease, ranges: firstAttempts(part) }));
  return { claimed: [{ ...target, lease: { ...target.lease, ranges }, parts }], left };
}

/** The lease that released tasks join: the claimed one, or else an empty one; `undefined` if they may join none. */
function targetFor(
  { config: { hwm } }: Configured,
  engine: Engine,
  [next, ...others]: readonly ClaimedLease[],
  fits: readonly ClaimedWork[],
  running: Lease | undefined,
): ClaimedLease | undefined {
  const [first] = fits;
  if (!first || engine.closed || others.length > 0) return undefined;
  if (running && (hwm !== "adaptive" || running.alone || engine.leases.length > 1)) return undefined;
  if (!isInOneBucket([...(running ? [running] : []), ...(next ? [next.lease] : [])])) return undefined;
  if (!next) return { lease: leaseOf(first, []), header: first.header };
  const isOpen = hwm === "adaptive" && !next.lease.alone && next.lease.hop === 0 && !hasRetries(next);
  return isOpen && fits.some((work) => joins(work, next.lease)) ? next : undefined;
}

/** Whether all tasks of the leases lie in one bucket. Other tasks of that bucket are then near enough to join them. */
function isInOneBucket(leases: readonly Lease[]): boolean {
  const ranges = leases.flatMap((lease) => leaseIndexRanges(lease));
  return new Set(ranges.flatMap(([from, to]) => [bucketOf(from), bucketOf(to - 1)])).size <= 1;
}

function joins({ entry }: ClaimedWork, lease: Lease): boolean {
  return entry.job === lease.job && entry.queue === lease.queue;
}

/** The work without the tasks in `gone`. */
function withoutTasks(work: ClaimedWork, gone: ReadonlySet<number>): ClaimedWork[] {
  const rest = [...indexesOf(leaseIndexRanges(work))].filter((index) => !gone.has(index));
  if (rest.length === 0) return [];
  const ranges = firstAttempts(rest);
  const entry: QueueEntry = { ...work.entry, tasks: rest.length, requeued: { ranges, hop: work.hop } };
  return [{ ...work, entry, ranges }];
}

function firstAttempts(indexes: readonly number[]): LeaseRange[] {
  return rangesOf(indexes).map(([from, to]) => ({ from, to, attempt: 1 }));
}

function hasRetries({ lease }: ClaimedLease): boolean {
  return lease.ranges.some(({ attempt }) => attempt !== 1);
}

/**
 * Maximum number of tasks in the lease once released tasks have joined it. An explicit high-water mark sets this
 * number. Otherwise the lease may take a fair share of the released tasks or, under `adaptive`, as many as take
 * `NOT_WORTH_SHARING_MS` if that is more. Under `adaptive`, no released task joins others before a run time of the job
 * is known.
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
  const length = cluster.memory.jobs.lengths.get(lease.job);
  const share = Math.ceil(released / Math.max(1, eligibleCount(lease.queue, cluster.memory.fleet.roster)));
  if (hwm === 0) return Math.min(most, held + share);
  if (!length) return Math.max(held, 1);
  const short = Math.floor(NOT_WORTH_SHARING_MS / Math.max(0.01, length.meanMs));
  return Math.max(held, Math.min(chainRoom(cluster, header), held + Math.max(1, share, short)));
}

/**
 * Maximum number of tasks in a lease with a chain of dependent tasks: as many as fill `CHAIN_AIM_MS` at the job's mean
 * run time, but no more than fit one lease, and at most eight times the number of tasks that the mean represents. 1
 * until a task has been measured.
 */
function chainRoom(cluster: RemembersJobs, { id, specBytes }: JobHeader): number {
  const length = cluster.memory.jobs.lengths.get(id);
  if (!length) return 1;
  const aim = Math.floor(CHAIN_AIM_MS / Math.max(0.01, length.meanMs));
  return Math.max(1, Math.min(mostTasks(specBytes), aim, 8 * length.weight));
}
