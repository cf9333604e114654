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
  delayed: readonly QueueEntry[];
  /** The entries of the queues in which work of the job may wait, of other jobs too. Each queue is listed once. */
  entries(header: JobHeader, queue: string): Promise<QueueEntry[]>;
}

/**
 * Lists the places where tasks may be, once for the scans of several jobs whose rows were read before.
 *
 * Leases are listed before queue entries, because returned tasks are queued before their engine is freed.
 */
export async function listLiveWork(cluster: FleetAccess): Promise<LiveWork> {
  const engines = await listEngines(cluster);
  const leases = engines.flatMap((engine) => [...engine.leases, ...engine.parked]);
  const delayed = await delayedEntries(cluster);
  const queues = await listQueues(cluster);
  const listed = new Map<string, Promise<QueueEntry[]>>();
  const entriesOf = (queue: string) => {
    const entries = listed.get(queue) ?? listQueueEntries(cluster, [queue], ENTRIES);
    listed.set(queue, entries);
    return entries;
  };
  const entries = async (header: JobHeader, queue: string) =>
    (await Promise.all(ownQueues(header, queue, queues).map(entriesOf))).flat();
  return { leases, delayed, entries };
}
