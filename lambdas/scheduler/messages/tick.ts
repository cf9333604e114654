import { ANY_ENGINE } from "../../core/queue-name.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { unpackOutcomePage } from "../../protocol/packed-page.ts";
import { isRetryable } from "../../protocol/retryable-error.ts";
import { DUE_PARTITION, outcomePageKey, type Row } from "../../protocol/rows.ts";
import { claimEntry, expiryOf } from "../placing/claim-entry.ts";
import { place } from "../placing/place.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import { reconcileForWaiter } from "../placing/reconcile-open.ts";
import { reviveSessions } from "../placing/revive-sessions.ts";
import { dueBody } from "../rows/due-rows.ts";
import { jobHeader } from "../rows/job-row.ts";
import { listQueueEntries, listQueues, queuesFor, requeueRows } from "../rows/queue-rows.ts";
import { SparedFailures } from "../rows/spared-failures.ts";
import { keepSweeping } from "../rows/sweep-rule.ts";
import { endWaiting } from "../waiting/end-waiting.ts";
import { queueReleased, settleEnded } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";
import type { Cluster } from "./cluster.ts";

/** Pause before a due row is tried again after an error that is not temporary, in milliseconds. */
const DUE_AGAIN_MS = 60_000;

/** Maximum time that one pass spends on ending work of engines that cannot be started, in milliseconds. */
const GIVE_UP_MS = 10_000;

/** Maximum number of due rows to process in one pass. */
const DUE_READ = 200;

/**
 * Acts on everything that depends on time: due rows, sessions that never began or fell silent, and invocations past
 * their end. Then places work. A failure in one part does not stop the others.
 *
 * @throws the first failure, once all parts are done
 */
export async function tick(cluster: PlacingContext): Promise<void> {
  const failures = new SparedFailures(cluster);
  const queues = new Set<string>();
  for (const queue of (await failures.spare("what is due", () => actOnDue(cluster))) ?? []) queues.add(queue);
  const began = cluster.now();
  for (let isGoingOn = true; isGoingOn; ) {
    const { freed, gaveUp } = await reviveSessions(cluster, failures);
    for (const queue of [...freed, ...(await listQueues(cluster))]) queues.add(queue);
    queues.delete(ANY_ENGINE);
    await place(cluster, [...queues]);
    // Once an engine was given up, each further round ends one more lease of the work that only this engine could run.
    isGoingOn = gaveUp && cluster.now() - began < GIVE_UP_MS;
  }
  failures.end();
}

/**
 * Processes the tick of a waiting client: does what every tick does, and reconciles open jobs.
 *
 * @returns milliseconds after which the client should tick again; `undefined` if no task is missing, or this process
 *   has reconciled recently
 */
export async function tickForWaiter(cluster: Cluster): Promise<number | undefined> {
  const failures = new SparedFailures(cluster);
  await failures.spare("tick", () => tick(cluster));
  const again = await failures.spare("open jobs", () => reconcileForWaiter(cluster));
  await keepSweeping(cluster);
  failures.end();
  return again;
}

/**
 * Processes due rows: queues delayed retries, ends expired tasks, and continues cascades of failures.
 *
 * @returns the queues that may have work now
 */
async function actOnDue(cluster: SettlingContext): Promise<string[]> {
  const now = cluster.now();
  const rows = await cluster.store.list(DUE_PARTITION, {
    to: `${String(Math.floor(now)).padStart(14, "0")}$`,
    limit: DUE_READ,
  });
  const queues: string[] = [];
  for (const row of rows) {
    try {
      queues.push(await actOn(cluster, row));
    } catch (error) {
      if (isRetryable(error) || error instanceof ClusterError) throw error;
      // The row is retried later, so that it does not block other due rows.
      cluster.log("due-failed", { due: row.sk, error: String(error) });
      const later = String(Math.ceil(now + DUE_AGAIN_MS)).padStart(14, "0");
      await cluster.store.write([{ ...row, sk: later + row.sk.slice(later.length) }]);
      await cluster.store.remove([row]);
    }
  }
  return queues;
}

async function actOn(cluster: SettlingContext, row: Row): Promise<string> {
  const due = dueBody.parse(row);
  if (due.type === "queue") {
    const header = await jobHeader(cluster, due.entry.job);
    await cluster.store.write(requeueRows([{ entry: due.entry }], cluster.now(), header));
    await cluster.store.remove([row]);
    return due.entry.queue;
  }
  if (due.type === "cascade") {
    await resumeCascade(cluster, due.job, due.first, due.lease);
    await cluster.store.remove([row]);
    return ANY_ENGINE;
  }
  await expire(cluster, due.job, due.queue);
  await cluster.store.remove([row]);
  return due.queue;
}

/**
 * Ends a job's expired tasks: claims queued ones, because the claim of an expired task gives it its outcome, and ends
 * those that wait for others.
 */
async function expire(cluster: SettlingContext, job: string, queue: string): Promise<void> {
  const header = await jobHeader(cluster, job);
  if (!header) return;
  for (const entry of await listQueueEntries(cluster, await queuesFor(cluster, header, queue), 1000)) {
    if (entry.job === job && expiryOf(cluster, entry, header)) await claimEntry(cluster, entry, entry.tasks);
  }
  const error = expiryOf(cluster, { queued: header.submitted }, header);
  if (error)
    await queueReleased(cluster, await endWaiting(cluster, header, [[0, header.tasks]], { status: "timeout", error }));
}

/** Continues a cascade of failures that was too long for one pass, or failed. */
async function resumeCascade(cluster: SettlingContext, job: string, first: number, lease: string): Promise<void> {
  const [row] = await cluster.store.read([outcomePageKey(job, first, lease)]);
  if (row) await settleEnded(cluster, [{ job, first, lease, page: unpackOutcomePage(row) }]);
}
