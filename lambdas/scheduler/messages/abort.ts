import { aheadRange, heldRange, parseAbortRanges, splitAtCursor } from "../../core/abort-ranges.ts";
import { JOB_STATES, jobStateOf } from "../../core/job-state.ts";
import { leaseIndexRanges } from "../../core/lease.ts";
import { queueName } from "../../core/queue-name.ts";
import {
  commonRanges,
  countIndexes,
  type IndexRange,
  mergedRanges,
  withoutRanges,
} from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { jobKey } from "../../protocol/rows.ts";
import type { AbortMessage } from "../../protocol/scheduler-messages.ts";
import { claimEntry } from "../placing/claim-entry.ts";
import { delayedEntries } from "../rows/due-rows.ts";
import { headerOf, readJob } from "../rows/job-row.ts";
import { ABORTED_ERROR, putAbortedAhead } from "../rows/outcome-rows.ts";
import { cursorEntry, listQueueEntries, queuesFor } from "../rows/queue-rows.ts";
import { freeTasks } from "../rows/wait-rows.ts";
import { endWaiting } from "../waiting/end-waiting.ts";
import { queueReleased, settleEnded } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";

/** Maximum number of delayed retries to examine in one pass. */
const DELAYED_READ = 10_000;

/**
 * Aborts tasks; finished tasks keep their outcome.
 *
 * Ranges ahead of the cursor are written into the job's row, where every later claim sees them in the same atomic step,
 * and get their outcomes at once. A task that an engine holds is ended only by that engine; the answer to its next
 * heartbeat names the task. Tasks that wait for others are ended here. So is a batch of requeued tasks, queued or
 * delayed, if all of its tasks are aborted; otherwise its aborted tasks end when they are claimed.
 */
export async function abort(cluster: SettlingContext, message: AbortMessage): Promise<void> {
  for (const { job, ranges } of message.jobs) await abortIn(cluster, job, ranges);
}

async function abortIn(cluster: SettlingContext, job: string, wanted: readonly IndexRange[]): Promise<void> {
  for (;;) {
    const row = await readJob(cluster, job);
    if (!row) return;
    const state = jobStateOf(row);
    if (!JOB_STATES[state].canAbort) return;
    const header = headerOf(row);
    const ranges = mergedRanges(commonRanges(wanted, [[0, header.tasks]]));
    // Waiting and released tasks go into `held` ranges: claims of released tasks check these ranges.
    const free = freeTasks(header);
    const { ahead, held } = splitAtCursor(commonRanges(ranges, [[0, free]]), row.from ?? 0);
    const waiting = commonRanges(ranges, [[free, header.tasks]]);
    held.push(...waiting);
    const aborted = [...ahead.map(aheadRange), ...held.map(heldRange)];
    if (aborted.length === 0) return;
    const updated = await cluster.store.update(jobKey(job), {
      aborted,
      only: {
        inState: [state],
        ...(ahead.length === 0 ? {} : { cursorAtMost: Math.min(...ahead.map(([from]) => from)) }),
      },
    });
    if (!updated) continue; // the cursor moved into the ranges, or the job was completed or closed: read again
    const { after } = updated;
    const pieces = parseAbortRanges(after.aborted).ahead;
    for (const piece of pieces)
      if (commonRanges([piece], ahead).length > 0) {
        await settleEnded(cluster, await putAbortedAhead(cluster, job, piece));
      }
    if (free > 0) await drainTail(cluster, header, pieces, after.from ?? 0);
    if (waiting.length > 0) {
      const end = { status: "aborted", error: ABORTED_ERROR } as const;
      await queueReleased(cluster, await endWaiting(cluster, header, waiting, end));
    }
    if (held.length > 0) await abortHeld(cluster, header, held);
    return;
  }
}

/** Moves the cursor to the end if only aborted tasks are ahead of it, so that no queue entry remains. */
async function drainTail(
  cluster: SettlingContext,
  header: JobHeader,
  ahead: readonly IndexRange[],
  cursor: number,
): Promise<void> {
  const left = withoutRanges([[cursor, freeTasks(header)]], mergedRanges(ahead));
  if (cursor >= freeTasks(header) || countIndexes(left) > 0) return;
  const queue = queueName(header.flags, cluster.config.pools);
  const entries = await listQueueEntries(cluster, await queuesFor(cluster, header, queue), 1000);
  const entry =
    entries.find((one) => one.job === header.id && !one.requeued) ?? cursorEntry(header, queue, cluster.now());
  await claimEntry(cluster, entry, header.tasks);
}

/**
 * Ends the batches of requeued tasks, queued or delayed, whose tasks are all aborted. When a delayed batch of this kind
 * becomes due, it has no task left to claim.
 */
async function abortHeld(cluster: SettlingContext, header: JobHeader, held: readonly IndexRange[]): Promise<void> {
  const queue = queueName(header.flags, cluster.config.pools);
  const queues = await queuesFor(cluster, header, queue);
  for (const entry of [
    ...(await listQueueEntries(cluster, queues, 1000)),
    ...(await delayedEntries(cluster, DELAYED_READ)),
  ]) {
    if (entry.job !== header.id || !entry.requeued) continue;
    const waiting = leaseIndexRanges({ ranges: entry.requeued.ranges });
    if (withoutRanges(waiting, held).length === 0) await claimEntry(cluster, entry, entry.tasks);
  }
}
