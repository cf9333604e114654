import { entrySource, type QueueEntry } from "../../core/queue-entry.ts";
import { ANY_ENGINE, mayHoldWorkOf } from "../../core/queue-name.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { KEY_ONLY } from "../../protocol/row-body.ts";
import {
  listedQueueKey,
  QUEUES_PARTITION,
  queueEntryKey,
  queuePartition,
  type Row,
  type RowKey,
} from "../../protocol/rows.ts";
import { UnreadableRow } from "../../protocol/unreadable-row.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { delayedRow, expiryRow } from "./due-rows.ts";
import { deadlineOf } from "./job-row.ts";
import { queueEntryBody } from "./queue-entry-body.ts";
import { allReadable } from "./readable.ts";
import type { LoggedRows } from "./row-access.ts";
import { freeTasks, hasWaits } from "./wait-rows.ts";

/** Maximum number of entries of a queue to read in one pass. */
export const ENTRIES_READ = 24;

function queueEntryKeyOf(entry: QueueEntry): RowKey {
  return queueEntryKey(entry.queue, entry.priority, entry.queued, entry.job, entrySource(entry));
}

function queueEntryRow(entry: QueueEntry): Row {
  return { ...queueEntryKeyOf(entry), body: queueEntryBody.encode(entry) };
}

/**
 * Parses queue entries. An entry that cannot be read does not block those behind it: if it is damaged, it is deleted,
 * and the sweep queues its work again; if it is of a newer version, it is left to schedulers of that version.
 */
export async function readQueueEntries(cluster: LoggedRows, rows: readonly Row[]): Promise<QueueEntry[]> {
  const damaged: Row[] = [];
  const entries = allReadable(cluster, rows, (row) => {
    try {
      return queueEntryBody.parse(row);
    } catch (error) {
      if (error instanceof UnreadableRow && !error.isNewer) damaged.push(row);
      throw error;
    }
  });
  if (damaged.length > 0) await cluster.store.remove(damaged);
  return entries;
}

/** The queue entry for the tasks at a job's cursor. */
export function cursorEntry(header: JobHeader, queue: string, queued: number): QueueEntry {
  const { id, specBytes, flags } = header;
  const tasks = freeTasks(header);
  return { job: id, queue, priority: flags.priority ?? 0, queued, tasks, specBytes, scheme: flags.scheme };
}

/** Lists the entries of the given queues, in the order in which to place them. */
export async function listQueueEntries(
  cluster: LoggedRows,
  queues: readonly string[],
  limit = ENTRIES_READ,
): Promise<QueueEntry[]> {
  const lists = await Promise.all(queues.map((queue) => cluster.store.list(queuePartition(queue), { limit })));
  const rows = lists.flat();
  if (queues.length > 1) rows.sort((a, b) => (a.sk < b.sk ? -1 : a.sk > b.sk ? 1 : 0));
  return readQueueEntries(cluster, rows);
}

/**
 * A queue entry, and the time `due` at which to queue it. Until then the entry waits in the due partition. Without
 * `due` it is queued now.
 */
export interface DueEntry {
  entry: QueueEntry;
  due?: number | undefined;
}

/** Makes rows that queue entries, now or when they are due, and rows for their timeout and deadline. */
export function requeueRows(
  entries: readonly DueEntry[],
  now: number,
  header: Pick<JobHeader, "flags" | "submitted"> | undefined,
): Row[] {
  const rows: Row[] = [];
  const timeoutMs = header?.flags.timeoutMs;
  const deadline = header && deadlineOf(header);
  for (const { entry, due } of entries) {
    if (due !== undefined && due > now) {
      rows.push(delayedRow(due, entry));
    } else {
      // The queue may be new, because its name depends on the pools that refused its tasks or the engines that they
      // follow. It is listed so that schedulers find it.
      rows.push(queueEntryRow(entry), ...queueRows([entry.queue]));
    }
    if (timeoutMs) rows.push(expiryRow(entry.queued + timeoutMs, entry.job, entry.queue));
    // The deadline's row is written again, because the earlier one may have been processed while an engine held the
    // tasks.
    if (deadline !== undefined) rows.push(expiryRow(deadline, entry.job, entry.queue));
  }
  return rows;
}

/** Rows that list queues, so that sweeps and ticks find them; `any` needs no listing. */
export function queueRows(queues: Iterable<string>): Row[] {
  return [...new Set(queues)]
    .filter((queue) => queue !== ANY_ENGINE)
    .map((queue) => ({ ...listedQueueKey(queue), body: KEY_ONLY }));
}

/** All queues in which work may wait. */
export async function listQueues(cluster: StoreAccess): Promise<string[]> {
  const rows = await cluster.store.list(QUEUES_PARTITION);
  return [ANY_ENGINE, ...rows.map(({ sk }) => sk)];
}

/**
 * The queues in which work of a job may wait: its own, `queue`, and others. Refused tasks wait in queues that exclude
 * the engines or pools that refused them, escalated tasks in queues of a larger pool, and tasks that follow others in
 * queues of those tasks' engines.
 */
export async function queuesFor(
  cluster: StoreAccess,
  header: Pick<JobHeader, "free">,
  queue: string,
): Promise<string[]> {
  return ownQueues(header, queue, await listQueues(cluster));
}

/** Those of the listed queues in which work of a job may wait, as in `queuesFor`. */
export function ownQueues(header: Pick<JobHeader, "free">, queue: string, listed: readonly string[]): string[] {
  return [...new Set([queue, ...listed.filter((other) => hasWaits(header) || mayHoldWorkOf(queue, other))])];
}

/** Deletes queue entries. */
export async function removeQueueEntries(cluster: StoreAccess, entries: readonly QueueEntry[]): Promise<void> {
  await cluster.store.remove(entries.map(queueEntryKeyOf));
}
