import { queueName } from "../../core/queue-name.ts";
import { budgetError } from "../../protocol/budget.ts";
import { delayedEntries } from "../rows/due-rows.ts";
import { readableHeader } from "../rows/job-row.ts";
import { listQueueEntries, queuesFor } from "../rows/queue-rows.ts";
import { endWaiting } from "../waiting/end-waiting.ts";
import { queueReleased } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";
import { claimEntry } from "./claim-entry.ts";

/** Maximum number of queue entries, and of delayed retries, to examine. */
const ENTRIES_READ = 1000;
const DELAYED_READ = 10_000;

/**
 * Ends the waiting, queued and delayed tasks of jobs whose budget this process has found to be spent. Queued and
 * delayed tasks are claimed, which gives them their outcome. If this pass dies, queued tasks end when they are claimed,
 * and waiting tasks once the tasks that they wait for have ended.
 */
export async function endOverspent(cluster: SettlingContext): Promise<void> {
  for (const [job, spent] of cluster.memory.jobs.spending.takeOver()) {
    const header = await readableHeader(cluster, job);
    const budget = header?.flags.budgetUsd;
    if (!header || !budget) continue;
    const end = { status: "aborted", error: budgetError(spent, budget) } as const;
    await queueReleased(cluster, await endWaiting(cluster, header, [[0, header.tasks]], end));
    const queue = queueName(header.flags, cluster.config.pools);
    const queues = await queuesFor(cluster, header, queue);
    const [queued, delayed] = [
      await listQueueEntries(cluster, queues, ENTRIES_READ),
      await delayedEntries(cluster, DELAYED_READ),
    ];
    for (const entry of [...queued, ...delayed]) if (entry.job === job) await claimEntry(cluster, entry, entry.tasks);
  }
}
