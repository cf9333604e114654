import type { QueueEntry } from "../../core/queue-entry.ts";
import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { listQueueEntries } from "../rows/queue-rows.ts";
import type { LoggedRows } from "../rows/row-access.ts";

/**
 * How long a list of queue entries or of engines may be used, in milliseconds. Work of a higher priority that is queued
 * meanwhile may have to wait until then.
 */
export const LIST_LASTS_MS = 200;

/**
 * Lists the entries of queues, or returns the list that this process has just read, if its first entry is for tasks at
 * a job's cursor. Engines that take one short task at a time then do not cause the same list to be read for each task.
 * Entries of requeued and released tasks are soon drained, so a list that begins with one is not kept.
 *
 * An old list costs at most a failed claim, because the claim decides whether an entry has tasks left. After a failed
 * claim, call `forgetEntries` and list again.
 */
export async function recentEntries(
  cluster: LoggedRows & Clock & RemembersQueues,
  queues: readonly string[],
): Promise<readonly QueueEntry[]> {
  const name = queues.join(" ");
  const { listed } = cluster.memory.queues;
  const now = cluster.now();
  if (listed?.queues === name && now < listed.until) return listed.entries;
  const entries = await listQueueEntries(cluster, queues);
  const isMap = entries[0] !== undefined && entries[0].requeued === undefined;
  cluster.memory.queues.listed = isMap ? { queues: name, entries, until: now + LIST_LASTS_MS } : undefined;
  return entries;
}

/** Makes the next call of `recentEntries` list the queues. */
export function forgetEntries(cluster: RemembersQueues): void {
  cluster.memory.queues.listed = undefined;
}
