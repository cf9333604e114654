import type { QueueEntry } from "../../core/queue-entry.ts";
import type { RemembersQueues } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { listQueueEntries } from "../rows/queue-rows.ts";
import type { LoggedRows } from "../rows/row-access.ts";

/**
 * How long a list of queue entries may be used, in milliseconds: work of a higher priority may have to wait that much
 * longer.
 */
const LOOK_LASTS_MS = 50;

/**
 * Lists the entries of queues, or returns those that this process has just listed, if a map is first among them.
 * Otherwise an engine that takes one short task at a time would read the same list for each. Entries of retries and
 * released tasks are soon gone, so they are always listed.
 *
 * A claim decides what is left of an entry, so an old list costs at most a failed claim. After one, call
 * `forgetEntries` and list again.
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
  const isMap = entries[0] !== undefined && entries[0].run === undefined;
  cluster.queues.look = isMap ? { queues: name, entries, until: now + LOOK_LASTS_MS } : undefined;
  return entries;
}

/** Makes the next look at the queues a new one. */
export function forgetEntries(cluster: RemembersQueues): void {
  cluster.queues.look = undefined;
}
