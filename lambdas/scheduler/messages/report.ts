import { type Engine, engineLoad, type Session } from "../../core/engine.ts";
import { attemptIn, keptLease, type Lease, leaseTasks } from "../../core/lease.ts";
import { ANY_ENGINE } from "../../core/queue-name.ts";
import { followUps } from "../../core/settle.ts";
import { lengthAfter } from "../../core/task-length.ts";
import { rangesOf } from "../../protocol/index-ranges.ts";
import { OUTCOME_PAGE_BYTES, type OutcomePage } from "../../protocol/outcome-page.ts";
import { packOutcomePage } from "../../protocol/packed-page.ts";
import type { EngineAnswer, ReportMessage } from "../../protocol/report-messages.ts";
import type { Cluster } from "../cluster.ts";
import { giveBack } from "../placing/fit-claimed.ts";
import { grantFor } from "../placing/grant.ts";
import { type Moved, moveOn } from "../placing/move-on.ts";
import { place } from "../placing/place.ts";
import { pullAhead, pullNext } from "../placing/pull-next.ts";
import { reportedPage } from "../placing/reported-page.ts";
import { startSession } from "../placing/start-session.ts";
import { readEngine } from "../rows/engine-rows.ts";
import { jobHeader } from "../rows/job-row.ts";
import { learntRows } from "../rows/lacking-pools.ts";
import { endedPage, putOutcomePage } from "../rows/outcome-rows.ts";
import { listQueueEntries } from "../rows/queue-rows.ts";
import { keepSweeping } from "../rows/sweep-rule.ts";
import { hasWaits } from "../rows/wait-rows.ts";
import { isDependedOn } from "../waiting/dependents.ts";
import { waitingAnswer } from "../waiting/parked-aborts.ts";
import { requeuedRows } from "../waiting/ready-again.ts";
import { queuesOf, releasedRows } from "../waiting/released-work.ts";
import { settledOrPutOff, settleEnded } from "../waiting/settle-ended.ts";
import { takeReleased } from "../waiting/take-released.ts";
import { refused } from "./refused.ts";

/**
 * Takes the report on a lease, and answers with the next lease.
 *
 * The page is put first: it is the fence, and everything else follows from it. The next work is claimed meanwhile. Then
 * requeued and released tasks are queued, and last the engine's row is written, conditionally. Dying between any two of
 * these loses nothing: the engine repeats the report, or its session is revoked, and either derives the same queue
 * entries from the page.
 */
export async function report(cluster: Cluster, message: ReportMessage): Promise<EngineAnswer> {
  const engine = await sessionEngine(cluster, message);
  if (!engine) return refused("the session is over, or not yours");
  const { session } = engine;
  if (message.seq > 0 && message.seq === session.seq - 1) return replay(cluster, engine, message);
  const lease = engine.leases[0];
  if (message.seq !== session.seq || !lease) return refused(`lease ${message.seq} is not the session's`);
  const strange = strangeness(lease, message);
  if (strange) return refused(strange);

  const header = await jobHeader(cluster, lease.job);
  if (!header) return refused(`job ${lease.job} is gone`);
  measure(cluster, lease, message);
  const judged = await reportedPage(cluster, engine, lease, header, message.entries);
  const told: OutcomePage = { ...judged, running: rangesOf(message.running) };
  const body = packOutcomePage(told);
  if (Buffer.byteLength(body) > OUTCOME_PAGE_BYTES)
    return refused(`the report on lease ${message.seq} does not fit a page`);
  // A report that ends no task and returns none needs no page: nothing follows from it.
  const isEmpty = message.entries.length === 0 && message.running.length === leaseTasks(lease);
  const [{ page }, claimed, ahead] = await Promise.all([
    isEmpty ? { page: told } : putOutcomePage(cluster, lease, told, body),
    message.leaving || message.running.length > 0 ? [] : pullNext(cluster, engine),
    message.more && !message.leaving ? pullAhead(cluster, engine, lease, message.running) : undefined,
  ]);
  if (page.revoked) {
    await giveBack(cluster, ahead ? [ahead] : claimed);
    return refused(`lease ${message.seq} was revoked`);
  }
  const ended = [endedPage(lease, page)];
  const isWaitedFor = hasWaits(header) || cluster.depended.has(lease.job);
  const opened = isWaitedFor ? await settledOrPutOff(cluster, ended) : [];
  const requeued = followUps(lease, page, header, told.received);
  const queueRows = await requeuedRows(cluster, header, requeued);
  queueRows.push(...learntRows(cluster, engine.pool, message.entries));
  const isEnding = page.running === undefined || page.running.length === 0;
  const taken =
    isEnding && !message.leaving && opened.length > 0
      ? await takeReleased(cluster, engine, claimed, opened)
      : { claimed, left: opened };
  queueRows.push(...releasedRows(cluster, taken.left));
  if (queueRows.length > 0) await cluster.store.write(queueRows);
  for (const queue of queuesOf(taken.left)) cluster.pending.add(queue);
  const running = page.running && page.running.length > 0 ? keptLease(lease, page.running) : undefined;
  const [moved] = await Promise.all([
    moveOn(cluster, engine, message, { running, ahead, claimed: taken.claimed }),
    // Tasks that came to depend on the job since it was last read have not seen this page. This costs one read, in
    // parallel with the write of the row.
    isWaitedFor || isEmpty ? undefined : isDependedOn(cluster, lease.job),
  ]);
  if (!isWaitedFor && cluster.depended.has(lease.job)) await settleEnded(cluster, ended);
  const ready = requeued.filter(({ due }) => due === undefined || due <= told.received);
  // The first tick or sweep takes up delayed retries.
  if (ready.length < requeued.length) await keepSweeping(cluster, true);
  if (ready.length > 0) await place(cluster, [...new Set(ready.map(({ entry }) => entry.queue))]);
  if (!moved) return afterOvertaken(cluster, message);
  return answer(cluster, moved, message, running !== undefined);
}

/** What is wrong with a report, if anything: it may report each task of its lease once, and no other. */
function strangeness(lease: Lease, message: ReportMessage): string | undefined {
  const told = [...message.entries.map(({ index }) => index), ...message.running];
  const stranger = told.find((index) => attemptIn(lease, index) === undefined);
  if (stranger !== undefined) return `task ${stranger} is not in lease ${message.seq}`;
  if (new Set(told).size < told.length) return `the report on lease ${message.seq} tells of a task twice`;
  return undefined;
}

/** The engine in the sender's session: from memory if that matches, else by a read. */
async function sessionEngine(
  cluster: Cluster,
  message: { engine: number; session: string; nonce: string; seq: number },
): Promise<(Engine & { session: Session }) | undefined> {
  const fits = (engine: Engine | undefined, exactly: boolean): engine is Engine & { session: Session } =>
    engine?.session?.id === message.session &&
    engine.session.nonce === message.nonce &&
    engine.session.over === undefined &&
    (!exactly || engine.session.seq === message.seq);
  const known = cluster.engines.get(message.engine);
  // A session with parked tasks may be remembered without the lease that it has been given since, under the same
  // number.
  if (fits(known, true) && known.leases.length > 0) return known;
  const read = await readEngine(cluster, message.engine);
  return fits(read, false) ? read : undefined;
}

/** Answers a report that was taken already, whose answer was lost. */
async function replay(
  cluster: Cluster,
  engine: Engine & { session: Session },
  message: ReportMessage,
): Promise<EngineAnswer> {
  const lease = engine.leases[0];
  if (!lease) return waitingAnswer(cluster, engine, engine.session.seq);
  if (message.running.length > 0) return { type: "continue", seq: engine.session.seq };
  return { type: "lease", grant: await grantFor(cluster, engine.id, lease, engine.session.seq, message.have) };
}

/**
 * Answers a report whose row another scheduler changed first: with the same report, which is then answered again, or by
 * revoking the session.
 */
async function afterOvertaken(cluster: Cluster, message: ReportMessage): Promise<EngineAnswer> {
  const engine = await sessionEngine(cluster, message);
  if (engine && message.seq === engine.session.seq - 1) return replay(cluster, engine, message);
  return refused("the session was taken away");
}

/** Records how long the job's tasks run, which sizes its next leases. */
function measure(cluster: Cluster, lease: Lease, message: ReportMessage): void {
  let lasted = 0;
  let count = 0;
  for (const { started, completed } of message.entries) {
    if (started === undefined || completed === undefined) continue;
    lasted += Math.max(0, completed - started);
    count++;
  }
  if (count > 0) cluster.lengths.set(lease.job, lengthAfter(cluster.lengths.get(lease.job), lasted, count));
}

/**
 * The engine's answer. If the engine has more room than before, its queues are read again first, now that its row says
 * so: a submitter writes its queue entry before it reads the engines, so one of the two sees the other.
 */
async function answer(
  cluster: Cluster,
  { engine, before, given, ahead }: Moved,
  message: ReportMessage,
  goesOn: boolean,
): Promise<EngineAnswer> {
  const goesIdle = engine.leases.length === 0;
  if (engine.session && engine.session.id !== message.session) await startSession(cluster, engine, engine.session);
  if (goesIdle || hasNewRoom(cluster, engine, before)) {
    const waiting = await listQueueEntries(cluster, [ANY_ENGINE, ...before.queues], 1);
    if (waiting.length > 0) await place(cluster, before.queues);
  }
  const lease = engine.leases[0];
  if (!lease && engine.session) return waitingAnswer(cluster, engine, engine.session.seq);
  if (!lease || engine.session?.id !== message.session) return { type: "idle" };
  if (goesOn && !ahead) return { type: "continue", seq: engine.session.seq };
  if (ahead) {
    const { seq } = engine.session;
    const more = { ...lease, runs: ahead.lease.runs };
    return { type: "continue", seq, grant: await grantFor(cluster, engine.id, more, seq, message.have, ahead.header) };
  }
  const known = given.find(({ header }) => header.id === lease.job)?.header;
  return { type: "lease", grant: await grantFor(cluster, engine.id, lease, engine.session.seq, message.have, known) };
}

/**
 * Whether a report left a continuing engine below its high-water mark. Without a limit (hwm 0) there is always room,
 * and new work is placed there anyway.
 */
function hasNewRoom(cluster: Cluster, engine: Engine, before: Engine): boolean {
  const { hwm } = cluster.config;
  if (hwm === "adaptive" || hwm === 0) return false;
  const load = engineLoad(engine);
  return load < hwm && load < engineLoad(before);
}
