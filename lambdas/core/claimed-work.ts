import type { JobHeader } from "../protocol/scheduler-messages.ts";
import type { Hint } from "./hint.ts";
import { type Lease, type LeaseRun, leaseTasks } from "./lease.ts";

/** What a claim gave: tasks that may run, in one piece that the caller cuts into leases; or none, and the hint is gone. */
export interface ClaimedWork {
  hint: Hint;
  header: JobHeader;
  runs: LeaseRun[];
  hop: number;
  /** Claims that nothing is left to claim by this hint. */
  drained: boolean;
}

/** A lease that was claimed and is in no engine's row yet. */
export interface ClaimedLease {
  lease: Lease;
  header: JobHeader;
  /** Its tasks by the step that took them, where several did. */
  parts?: readonly Lease[];
}

/** A lease of claimed tasks. */
export function leaseOf(work: ClaimedWork, runs: LeaseRun[]): Lease {
  const { hint, hop } = work;
  const lease: Lease = { job: hint.job, runs, hop, queued: hint.queued, queue: hint.queue, priority: hint.priority };
  return hint.run?.atMost === undefined ? lease : { ...lease, alone: true };
}

/** Claimed tasks that found no engine, as a hint under a name of their own. */
export function returnedHint(work: ClaimedWork, runs: LeaseRun[]): Hint {
  return returnedLease(leaseOf(work, runs), work.header);
}

/** A lease that is not to run where it was put, as a hint: no attempt is spent, and it keeps its place in the queue. */
export function returnedLease(lease: Lease, header: Pick<JobHeader, "specBytes" | "flags">): Hint {
  return {
    job: lease.job,
    queue: lease.queue,
    priority: lease.priority,
    queued: lease.queued,
    tasks: leaseTasks(lease),
    specBytes: header.specBytes,
    scheme: header.flags.scheme,
    run: { runs: lease.runs, hop: lease.hop + 1, atMost: lease.alone ? leaseTasks(lease) : undefined },
  };
}
