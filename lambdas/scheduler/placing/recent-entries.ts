import type { QueueEntry } from "../../core/queue-entry.ts";
import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { listQueueEntries } from "../rows/queue-rows.ts";
import type { LoggedRows } from "../rows/row-access.ts";

/**
 * How long a list of queue entries may be used, in milliseconds. Work of a higher priority may wait that much longer.
 */
const LOOK_LASTS_MS = 50;

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
  const { look } = cluster.queues;
  const now = cluster.now();
  if (look?.queues === name && now < look.until) return look.entries;
  const entries = await listQueueEntries(cluster, queues);
  const isMap = entries[0] !== undefined && entries[0].requeued === undefined;
  cluster.queues.look = isMap ? { queues: name, entries, until: now + LOOK_LASTS_MS } : undefined;
  return entries;
}

/** Makes the next call of `recentEntries` list the queues. */
export function forgetEntries(cluster: RemembersQueues): void {
  cluster.queues.look = undefined;
}
