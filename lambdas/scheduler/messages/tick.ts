import { isPassing } from "../../adapters/passing-failure.ts";
import { ANY_ENGINE } from "../../core/queue-class.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { unpackOutcomePage } from "../../protocol/packed-page.ts";
import { DUE_PARTITION, outcomePageKey, type Row } from "../../protocol/rows.ts";
import type { Cluster } from "../cluster.ts";
import { claimWork, expiryOf } from "../placing/claim-work.ts";
import { place } from "../placing/place.ts";
import { reconcileForWaiter } from "../placing/reconcile-open.ts";
import { reviveSessions } from "../placing/revive-sessions.ts";
import { dueBody } from "../rows/due-rows.ts";
import { classesOf, listClasses, listHints, requeueRows } from "../rows/hint-rows.ts";
import { deadlineOf, jobHeader } from "../rows/job-row.ts";
import { SparedFailures } from "../rows/spared-failures.ts";
import { keepSweeping } from "../rows/sweep-rule.ts";
import { endWaiting } from "../waiting/end-waiting.ts";
import { queueOpened, settleEnded } from "../waiting/settle-ended.ts";

/** When what was due, and failed by itself, is tried again. */
const DUE_AGAIN_MS = 60_000;

/** Longest that one pass ends what is there for an engine that cannot be started. */
const GIVE_UP_MS = 10_000;

/** Most due things done in one pass. */
const DUE_READ = 200;

/**
 * Acts on time: what is due, sessions that never began, invocations past their end; then places. What fails of it keeps nothing else from
 * being done.
 *
 * @throws the first failure, when all is done
 */
export async function tick(cluster: Cluster): Promise<void> {
  const failures = new SparedFailures(cluster);
  const queues = new Set<string>();
  for (const queue of (await failures.spare("what is due", () => actOnDue(cluster))) ?? []) queues.add(queue);
  const began = cluster.now();
  for (let isGoingOn = true; isGoingOn; ) {
    const { freed, gaveUp } = await reviveSessions(cluster, failures);
    for (const queue of [...freed, ...(await listClasses(cluster))]) queues.add(queue);
    queues.delete(ANY_ENGINE);
    await place(cluster, [...queues]);
    // An engine that cannot be started takes all that is there for it along, a lease at a time.
    isGoingOn = gaveUp && cluster.now() - began < GIVE_UP_MS;
  }
  failures.end();
}

/**
 * The tick of a client that waits, which also looks for what is missing of open jobs.
 *
 * @returns after how many milliseconds it is to come again, if something is
 */
export async function tickForWaiter(cluster: Cluster): Promise<number | undefined> {
  const failures = new SparedFailures(cluster);
  await failures.spare("tick", () => tick(cluster));
  const again = await failures.spare("open jobs", () => reconcileForWaiter(cluster));
  await keepSweeping(cluster);
  failures.end();
  return again;
}

/** Does what is due: puts delayed retries into their queues, and ends what has waited too long. */
async function actOnDue(cluster: Cluster): Promise<string[]> {
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
      if (isPassing(error) || error instanceof ClusterError) throw error;
      // It comes again later, and keeps nothing else that is due waiting.
      cluster.log("due-failed", { due: row.sk, error: String(error) });
      const later = String(Math.ceil(now + DUE_AGAIN_MS)).padStart(14, "0");
      await cluster.store.write([{ ...row, sk: later + row.sk.slice(later.length) }]);
      await cluster.store.remove([row]);
    }
  }
  return queues;
}

async function actOn(cluster: Cluster, row: Row): Promise<string> {
  const due = dueBody.parse(row);
  if (due.type === "queue") {
    const header = await jobHeader(cluster, due.hint.job);
    await cluster.store.write(requeueRows([{ hint: due.hint }], cluster.now(), header));
    await cluster.store.remove([row]);
    return due.hint.queue;
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

/** Claims all that waits of a job, if its time is over: whoever claims expired tasks gives them their outcome. */
async function expire(cluster: Cluster, job: string, queue: string): Promise<void> {
  const header = await jobHeader(cluster, job);
  if (!header) return;
  const now = cluster.now();
  const deadline = deadlineOf(header);
  const { timeoutMs } = header.flags;
  for (const hint of await listHints(cluster, await classesOf(cluster, header, queue), 1000)) {
    if (hint.job !== job) continue;
    const over =
      (deadline !== undefined && now >= deadline) || (timeoutMs !== undefined && now >= hint.queued + timeoutMs);
    if (over) await claimWork(cluster, hint, hint.tasks);
  }
  const error = expiryOf(cluster, { queued: header.submitted }, header);
  if (error)
    await queueOpened(cluster, await endWaiting(cluster, header, [[0, header.tasks]], { status: "timeout", error }));
}

/** Goes on with a cascade of failures that was too long for one pass. */
async function resumeCascade(cluster: Cluster, job: string, first: number, lease: string): Promise<void> {
  const [row] = await cluster.store.read([outcomePageKey(job, first, lease)]);
  if (row) await settleEnded(cluster, [{ job, first, lease, page: unpackOutcomePage(row) }]);
}
