import { parseAbortRanges } from "../../core/abort-ranges.ts";
import type { Engine } from "../../core/engine.ts";
import { jobFacts } from "../../core/job-state.ts";
import { leaseIndexRanges, sliceRanges } from "../../core/lease.ts";
import { type QueueEntry, requeuedName, requeuedTasks } from "../../core/queue-entry.ts";
import { type IndexRange, mergedRanges, withoutRanges } from "../../protocol/index-ranges.ts";
import { jobKey, OPEN_PARTITION, queuePartition, type Row, requeuedKey } from "../../protocol/rows.ts";
import type { QueueStatus, TaskRanges } from "../../protocol/scheduler-answer.ts";
import type { Log, StoreAccess } from "../ports/scheduler-ports.ts";
import { delayedEntries } from "../rows/due-rows.ts";
import { listEngines, openEngines } from "../rows/engine-rows.ts";
import { followPages } from "../rows/follow-pages.ts";
import { readableHeader } from "../rows/job-row.ts";
import { listQueues, readQueueEntries } from "../rows/queue-rows.ts";
import type { FleetAccess, JobAccess, LoggedRows } from "../rows/row-access.ts";
import { waitingRanges } from "../waiting/waiting-ranges.ts";

/**
 * Reports queued and held tasks from the rows themselves. Queued tasks are those that can still be claimed from the
 * cursors, not all tasks of the queue entries: entries may be out of date. An engine's tasks are those of its leases.
 * Engines that have left their pool and hold no tasks are omitted.
 */
export async function queueStatus(cluster: FleetAccess & JobAccess): Promise<QueueStatus> {
  const [entries, engines, waiting] = await Promise.all([
    queuedEntries(cluster),
    currentEngines(cluster),
    waitingTasks(cluster),
  ]);
  const open = new Set(openEngines(cluster, engines).map(({ id }) => id));
  return {
    unassigned: await claimable(cluster, entries),
    waiting,
    engines: engines
      .filter((engine) => open.has(engine.id) || held(engine).length > 0)
      .map((engine) => ({ id: engine.id, tasks: held(engine), completed: engine.completed }))
      .sort((a, b) => a.id - b.id),
  };
}

/** The engines with their current leases. */
async function currentEngines(cluster: FleetAccess): Promise<Engine[]> {
  const shown = await listEngines(cluster);
  return Promise.all(shown.map(async (engine) => (await followPages(cluster, engine)).engine));
}

function held({ leases, parked }: Engine): TaskRanges[] {
  return [...leases, ...parked].map((lease) => ({ job: lease.job, ranges: pairs(leaseIndexRanges(lease)) }));
}

/** Tasks of open jobs that wait for others. */
async function waitingTasks(cluster: JobAccess & Log): Promise<TaskRanges[]> {
  const open = await cluster.store.list(OPEN_PARTITION);
  const waiting = open.map(async ({ sk: job }): Promise<TaskRanges> => {
    const header = await readableHeader(cluster, job);
    return { job, ranges: pairs(header ? await waitingRanges(cluster, header) : []) };
  });
  return (await Promise.all(waiting)).filter(({ ranges }) => ranges.length > 0);
}

/** Entries of all queues, and delayed retries, without duplicates. */
async function queuedEntries(cluster: LoggedRows): Promise<QueueEntry[]> {
  const queues = await listQueues(cluster);
  const [delayed, ...rows] = await Promise.all([
    delayedEntries(cluster),
    ...queues.map((queue) => cluster.store.list(queuePartition(queue))),
  ]);
  const queued = await readQueueEntries(cluster, rows.flat());
  const named = [...queued, ...delayed].map((entry): [string, QueueEntry] => [
    `${entry.job}/${entry.requeued ? requeuedName(entry.requeued) : ""}`,
    entry,
  ]);
  return [...new Map(named).values()];
}

/** The unclaimed tasks of queue entries. */
async function claimable(cluster: StoreAccess, entries: readonly QueueEntry[]): Promise<TaskRanges[]> {
  const jobs = [...new Set(entries.map(({ job }) => job))];
  const batches = entries.flatMap((entry) => (entry.requeued ? [{ ...entry, batch: entry.requeued }] : []));
  const rows = await cluster.store.read([
    ...jobs.map(jobKey),
    ...batches.map(({ job, batch }) => requeuedKey(job, requeuedName(batch))),
  ]);
  const jobRows = new Map(jobs.map((job, at) => [job, rows[at]]));
  const left: TaskRanges[] = [];
  const add = (job: string, ranges: readonly IndexRange[]) => {
    if (ranges.length > 0) left.push({ job, ranges: pairs(ranges) });
  };
  for (const { job } of entries.filter(({ requeued }) => !requeued)) {
    const row = jobRows.get(job);
    if (row) add(job, cursorRanges(row));
  }
  for (const [at, { job, batch }] of batches.entries()) {
    const cursor = rows[jobs.length + at]?.from ?? 0;
    const ranges = leaseIndexRanges({ ranges: sliceRanges(batch.ranges, cursor, requeuedTasks(batch)) });
    add(job, withoutRanges(mergedRanges(ranges), parseAbortRanges(jobRows.get(job)?.aborted).held));
  }
  return left;
}

function cursorRanges(row: Row): IndexRange[] {
  const ahead = mergedRanges(parseAbortRanges(row.aborted).ahead);
  return jobFacts(row).givesTasks ? withoutRanges([[row.from ?? 0, row.to ?? 0]], ahead) : [];
}

function pairs(ranges: readonly IndexRange[]): [number, number][] {
  return ranges.map(([from, to]) => [from, to]);
}
