import { isPassing } from "../../adapters/passing-failure.ts";
import type { Session } from "../../core/engine.ts";
import { ANY_ENGINE } from "../../core/queue-class.ts";
import { hasEligibleBeside } from "../../core/roster.ts";
import { silenceOf } from "../../core/silence.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { unpackOutcomePage } from "../../protocol/packed-page.ts";
import { DUE_PARTITION, outcomePageKey, type Row } from "../../protocol/rows.ts";
import type { Cluster } from "../cluster.ts";
import { claimWork, expiryOf } from "../placing/claim-work.ts";
import { place } from "../placing/place.ts";
import { revokeSession } from "../placing/revoke-session.ts";
import { startSession } from "../placing/start-session.ts";
import { alignEngines } from "../rows/align-engines.ts";
import { dueBody } from "../rows/due-rows.ts";
import { listEngines, swapEngine } from "../rows/engine-rows.ts";
import type { EngineInSession } from "../rows/held-session.ts";
import { classesOf, listClasses, listHints, requeueRows } from "../rows/hint-rows.ts";
import { deadlineOf, jobHeader } from "../rows/job-row.ts";
import { endWaiting } from "../waiting/end-waiting.ts";
import { queueOpened, settleEnded } from "../waiting/settle-ended.ts";

/** A session that has not begun after this long is invoked again: an accepted event may never start. */
const BEGIN_WITHIN_MS = 2000;

/** Invocations of a session that does not begin before its tasks go back. */
const BEGIN_TRIES = 3;

/** When what was due, and failed by itself, is tried again. */
const DUE_AGAIN_MS = 60_000;

/** Rests of an engine whose function cannot be invoked before its tasks end for it. */
const START_RESTS = 2;

/** Longest that one pass ends what is there for such an engine. */
const GIVE_UP_MS = 10_000;

/** Most due things done in one pass. */
const DUE_READ = 200;

/** Acts on time: what is due, sessions that never began, invocations past their end; then places. */
export async function tick(cluster: Cluster): Promise<void> {
  const queues = new Set<string>();
  for (const queue of await actOnDue(cluster)) queues.add(queue);
  const began = cluster.now();
  for (let isGoingOn = true; isGoingOn; ) {
    const { freed, gaveUp } = await reviveSessions(cluster);
    for (const queue of [...freed, ...(await listClasses(cluster))]) queues.add(queue);
    queues.delete(ANY_ENGINE);
    await place(cluster, [...queues]);
    // An engine that cannot be started takes all that is there for it along, a lease at a time.
    isGoingOn = gaveUp && cluster.now() - began < GIVE_UP_MS;
  }
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

/** Takes a session back that has not been heard of: what could have told of its end was lost, too. */
function revokeSilent(cluster: Cluster, engine: EngineInSession, now: number): Promise<string[] | undefined> {
  const seconds = Math.round((now - (engine.session.heard ?? now)) / 1000);
  return revokeSession(cluster, engine, `it was not heard of for ${seconds} s`, "suspected");
}

function whyNotBegun({ failed }: Session): string {
  return failed?.reason ?? "its invocation never began";
}

/**
 * Invokes sessions again that did not begin, and takes back what is lost. What cannot be started for what its lease holds is the lease's fault. An
 * engine that cannot be invoked is given up, with all that it holds, after it has rested from that a few times, where no other may run it.
 *
 * @returns the classes that have work again, and whether an engine was given up
 */
async function reviveSessions(cluster: Cluster): Promise<{ freed: string[]; gaveUp: boolean }> {
  const now = cluster.now();
  const freed: string[] = [];
  let gaveUp = false;
  const engines = await listEngines(cluster);
  await alignEngines(cluster, engines);
  for (const engine of engines) {
    const { session } = engine;
    if (!session) continue;
    const held: EngineInSession = { ...engine, session };
    if (session.over !== undefined) {
      freed.push(...((await revokeSession(cluster, held, session.over)) ?? []));
    } else if (session.nonce !== undefined) {
      const silence = silenceOf(session, now);
      if (now > (session.until ?? Number.POSITIVE_INFINITY))
        freed.push(...((await revokeSession(cluster, held, "its invocation did not end in time")) ?? []));
      else if (silence === "silent") freed.push(...((await revokeSilent(cluster, held, now)) ?? []));
      else if (silence === "overdue") await swapEngine(cluster, engine, { session: { ...session, overdue: now } });
    } else if (isGivenUp(cluster, held)) {
      gaveUp = true;
      freed.push(...((await revokeSession(cluster, held, whyNotBegun(session), "all")) ?? []));
    } else if (now - session.invoked > BEGIN_WITHIN_MS) {
      if (session.tries >= BEGIN_TRIES) {
        freed.push(...((await revokeSession(cluster, held, whyNotBegun(session))) ?? []));
      } else {
        const again: Session = { ...session, invoked: now, tries: session.tries + 1, failed: undefined };
        const swapped = await swapEngine(cluster, engine, { session: again });
        if (swapped) await startSession(cluster, swapped, again);
      }
    }
  }
  return { freed, gaveUp };
}

/** Whether the engine has been tried for long enough: its function cannot be invoked, and no other pool may run what it holds. */
function isGivenUp(cluster: Cluster, { session, resting, leases, pool }: EngineInSession): boolean {
  if (session.failed?.of !== "engine" || (resting?.times ?? 0) < START_RESTS) return false;
  return !leases.some(({ queue }) => hasEligibleBeside(pool, queue, cluster.roster));
}
