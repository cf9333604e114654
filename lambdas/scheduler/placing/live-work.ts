import type { Lease } from "../../core/lease.ts";
import type { QueueEntry } from "../../core/queue-entry.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { delayedEntries } from "../rows/due-rows.ts";
import { listEngines } from "../rows/engine-rows.ts";
import { listQueueEntries, listQueues, ownQueues } from "../rows/queue-rows.ts";
import type { FleetAccess } from "../rows/row-access.ts";

/** Maximum number of entries of a queue to search for the entries of one job. */
const ENTRIES = 10_000;

/** The places where tasks of open jobs may be: leases, delayed retries and queues. */
export interface LiveWork {
  /** The leases of all engines, including those of parked tasks. */
  leases: readonly Lease[];
  /** Delayed retries by job. */
  delayed: EntriesByJob;
  /** The job's entries of the queues in which its work may wait. Each queue is listed once for all jobs. */
  entries(header: JobHeader, queue: string): Promise<QueueEntry[]>;
}

/** Queue entries by job: with thousands of open jobs, searching all entries for each would take most of the time. */
type EntriesByJob = ReadonlyMap<string, readonly QueueEntry[]>;

/**
 * Lists the places where tasks may be, once for the scans of several jobs whose rows were read before.
 *
 * Leases are listed before queue entries, because returned tasks are queued before their engine is freed.
 */
export async function listLiveWork(cluster: FleetAccess): Promise<LiveWork> {
  const engines = await listEngines(cluster);
  const leases = engines.flatMap((engine) => [...engine.leases, ...engine.parked]);
  const delayed = byJob(await delayedEntries(cluster));
  const queues = await listQueues(cluster);
  const listed = new Map<string, Promise<EntriesByJob>>();
  const entriesOf = (queue: string) => {
    const entries = listed.get(queue) ?? listQueueEntries(cluster, [queue], ENTRIES).then(byJob);
    listed.set(queue, entries);
    return entries;
  };
  const entries = async (header: JobHeader, queue: string) => {
    const all = await Promise.all(ownQueues(header, queue, queues).map(entriesOf));
    return all.flatMap((ofQueue) => ofQueue.get(header.id) ?? []);
  };
  return { leases, delayed, entries };
}

function byJob(entries: readonly QueueEntry[]): EntriesByJob {
  const jobs = new Map<string, QueueEntry[]>();
  for (const entry of entries) {
    const own = jobs.get(entry.job);
    if (own) own.push(entry);
    else jobs.set(entry.job, [entry]);
  }
  return jobs;
}
