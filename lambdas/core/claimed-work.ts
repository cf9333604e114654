import type { JobHeader } from "../protocol/job-header.ts";
import { type Lease, type LeaseRange, leaseTasks } from "./lease.ts";
import type { QueueEntry } from "./queue-entry.ts";

/**
 * The tasks that a claim took, for its caller to cut into leases. `ranges` is empty if all of the tasks were aborted,
 * expired or recalled, or if their job's budget is spent.
 */
export interface ClaimedWork {
  entry: QueueEntry;
  header: JobHeader;
  ranges: LeaseRange[];
  hop: number;
  /** Whether this queue entry has nothing left to claim. */
  drained: boolean;
}

/** A claimed lease that is not in any engine's row yet. */
export interface ClaimedLease {
  lease: Lease;
  header: JobHeader;
  /** The tasks of each claim, if several claims filled the lease. */
  parts?: readonly Lease[];
  /** Whether other work was waiting when these tasks were claimed. */
  more?: boolean;
}

/** Makes a lease of claimed tasks. */
export function leaseOf(work: ClaimedWork, ranges: LeaseRange[]): Lease {
  const { entry, hop } = work;
  const lease: Lease = {
    job: entry.job,
    ranges,
    hop,
    queued: entry.queued,
    queue: entry.queue,
    priority: entry.priority,
  };
  return entry.requeued?.atMost === undefined ? lease : { ...lease, alone: true };
}

/**
 * Makes one lease of the tasks that several claims took from one job and queue; `undefined` if the claims took no
 * tasks. The lease gets the highest hop of the claims. None of its tasks has had that hop in another lease, and a
 * recall puts tombstones at that hop, too.
 */
export function claimedTogether(works: readonly ClaimedWork[]): ClaimedLease | undefined {
  const parts = works
    .filter(({ ranges }) => ranges.length > 0)
    .map((work) => ({ work, lease: leaseOf(work, work.ranges) }));
  const [first] = parts;
  if (!first) return undefined;
  if (parts.length === 1) return { lease: first.lease, header: first.work.header };
  const leases = parts.map(({ lease }) => lease);
  const lease = {
    ...first.lease,
    ranges: leases.flatMap(({ ranges }) => ranges),
    hop: Math.max(...leases.map(({ hop }) => hop)),
    queued: Math.min(...leases.map(({ queued }) => queued)),
  };
  return { lease, header: first.work.header, parts: leases };
}

/** Makes a queue entry, with a new name, for claimed tasks that found no engine. */
export function returnedEntry(work: ClaimedWork, ranges: LeaseRange[]): QueueEntry {
  return returnedLease(leaseOf(work, ranges), work.header);
}

/**
 * Makes a queue entry for a lease that will not run on its engine. No attempt is spent, and the tasks keep their place
 * in the queue.
 */
export function returnedLease(lease: Lease, header: Pick<JobHeader, "specBytes" | "flags">): QueueEntry {
  return {
    job: lease.job,
    queue: lease.queue,
    priority: lease.priority,
    queued: lease.queued,
    tasks: leaseTasks(lease),
    specBytes: header.specBytes,
    scheme: header.flags.scheme,
    requeued: { ranges: lease.ranges, hop: lease.hop + 1, atMost: lease.alone ? leaseTasks(lease) : undefined },
  };
}
