import type { Engine, Session } from "../core/engine.ts";
import type { Hint } from "../core/hint.ts";
import { attemptIn, type Lease, leaseTasks, runsWithin } from "../core/lease.ts";
import { leaseSize } from "../core/lease-size.ts";
import { ANY_ENGINE, isEligible } from "../core/queue-class.ts";
import { followUps, settle } from "../core/settle.ts";
import { rangesOf } from "../protocol/index-ranges.ts";
import { OUTCOME_PAGE_BYTES, type OutcomePage, packOutcomePage } from "../protocol/outcome-page.ts";
import type { EngineAnswer, ReportMessage } from "../protocol/report-messages.ts";
import type { JobHeader } from "../protocol/scheduler-messages.ts";
import { refused } from "./begin.ts";
import { claimWork, leaseOf, remainingOf, returnedLease } from "./claim-work.ts";
import type { Cluster } from "./cluster.ts";
import { readEngine, swapEngine } from "./engine-rows.ts";
import { grantFor } from "./grant.ts";
import { listHints, requeueRows } from "./hint-rows.ts";
import { deadlineOf, jobHeader } from "./jobs.ts";
import { putOutcomePage } from "./outcomes.ts";
import { place } from "./place.ts";
import { newSession, startSession } from "./start-session.ts";

/**
 * Takes what a lease brought, and answers with the next one.
 *
 * The page first: it is the fence, and holds all that follows. The next work is claimed meanwhile, the engine's row
 * is then written conditionally, and hints for what comes back beside it. Dying between any two of these
 * loses nothing: the engine repeats the report, or the sweep reads the page.
 */
export async function report(cluster: Cluster, message: ReportMessage): Promise<EngineAnswer> {
  const engine = await sessionEngine(cluster, message);
  if (!engine) return refused("the session is over, or not yours");
  const { session } = engine;
  if (message.seq === session.seq - 1) return replay(cluster, engine, message);
  const lease = engine.leases[0];
  if (message.seq !== session.seq || !lease) return refused(`lease ${message.seq} is not the session's`);
  const stranger = [...message.entries.map(({ index }) => index), ...message.running].find(
    (index) => attemptIn(lease, index) === undefined,
  );
  if (stranger !== undefined) return refused(`task ${stranger} is not in lease ${message.seq}`);

  const header = await jobHeader(cluster, lease.job);
  if (!header) return refused(`job ${lease.job} is gone`);
  measure(cluster, lease, message);
  const running = runsWithin(lease.runs, rangesOf(message.running));
  const now = cluster.now();
  const page: OutcomePage = {
    engine: engine.id,
    pool: engine.pool,
    revoked: false,
    received: now,
    entries: settle(lease, message.entries, header.flags, now, cluster.random, deadlineOf(header)),
  };
  const body = packOutcomePage(page);
  if (body.length > OUTCOME_PAGE_BYTES) return refused(`the report on lease ${message.seq} does not fit a page`);
  const wantsMore = !message.leaving && running.length === 0;
  const [fence, claimed] = await Promise.all([
    page.entries.length > 0 ? putOutcomePage(cluster, lease, page, body) : { page, put: true },
    wantsMore ? claimNext(cluster, engine) : undefined,
  ]);
  if (fence.page.revoked) {
    await giveBack(cluster, claimed?.lease, claimed?.header);
    return refused(`lease ${message.seq} was revoked`);
  }
  const runningRanges = running.map(({ from, to }) => [from, to] as const);
  const requeued = followUps(lease, fence.page, runningRanges, header, now);
  const queueRows = requeueRows(requeued, now, header.flags.timeoutMs);
  const kept: Lease[] = running.length > 0 ? [{ ...lease, runs: running, hop: lease.hop + 1 }] : [];
  const [moved] = await Promise.all([
    moveOn(cluster, engine, message, kept, claimed),
    queueRows.length > 0 ? cluster.store.write(queueRows) : undefined,
  ]);
  if (!moved) return refused("the session was taken away");
  const madeWork = requeued.some(({ due }) => due === undefined || due <= now);
  if (madeWork) await place(cluster, [lease.queue]);
  return answer(cluster, moved, message, kept.length > 0, claimed?.header);
}

/** The engine after its row was written, and the classes that it had been told of before. */
interface Moved {
  engine: Engine;
  classes: readonly string[];
}

/** The engine in the sender's session: as this process remembers it if that fits, else by a read. */
async function sessionEngine(
  cluster: Cluster,
  message: { engine: number; session: string; nonce: string; seq: number },
): Promise<(Engine & { session: Session }) | undefined> {
  const fits = (engine: Engine | undefined, exactly: boolean): engine is Engine & { session: Session } =>
    engine?.session?.id === message.session &&
    engine.session.nonce === message.nonce &&
    (!exactly || engine.session.seq === message.seq);
  const known = cluster.engines.get(message.engine);
  if (fits(known, true)) return known;
  const read = await readEngine(cluster, message.engine);
  return fits(read, false) ? read : undefined;
}

/** A report that was taken already, its answer lost: the same answer again. */
async function replay(
  cluster: Cluster,
  engine: Engine & { session: Session },
  message: ReportMessage,
): Promise<EngineAnswer> {
  const lease = engine.leases[0];
  if (!lease) return { type: "idle" };
  if (message.running.length > 0) return { type: "continue", seq: engine.session.seq };
  return { type: "lease", grant: await grantFor(cluster, lease, engine.session.seq, message.have) };
}

/** Remembers how long the tasks of a job run, for the size of its next leases. */
function measure(cluster: Cluster, lease: Lease, message: ReportMessage): void {
  let lasted = 0;
  let count = 0;
  for (const { started, completed } of message.entries) {
    if (started === undefined || completed === undefined) continue;
    lasted += Math.max(0, completed - started);
    count++;
  }
  if (count > 0) cluster.measures.set(lease.job, { meanMs: lasted / count, tasks: count });
}

interface NextLease {
  lease: Lease;
  header: JobHeader;
}

/** Claims the next lease for an engine that is about to have none: first hint first, of its classes. */
async function claimNext(cluster: Cluster, engine: Engine): Promise<NextLease | undefined> {
  const { hwm, pools } = cluster.config;
  const waiting = engine.leases.slice(1).reduce((sum, lease) => sum + leaseTasks(lease), 0);
  if (waiting > 0 && (hwm === "adaptive" || (hwm !== 0 && waiting >= hwm))) return undefined;
  const queues = [ANY_ENGINE, ...engine.classes];
  for (;;) {
    const hints = (await listHints(cluster, queues)).filter(({ queue }) => isEligible(engine, queue));
    const hint = hints[0];
    if (!hint) return undefined;
    const measured = cluster.measures.get(hint.job);
    const size = leaseSize(hwm, {
      meanMs: measured?.meanMs,
      previous: measured?.tasks,
      remaining: remainingOf(cluster, hint),
      engines: eligibleCount(hint, pools),
      waitingJobs: new Set(hints.map(({ job }) => job)).size,
      specBytes: hint.specBytes,
      atMost: hint.run?.atMost,
    });
    const room = typeof hwm === "number" && hwm > 0 ? Math.min(size, hwm - waiting) : size;
    const work = await claimWork(cluster, hint, Math.max(1, room));
    if (work && work.runs.length > 0) return { lease: leaseOf(work, work.runs), header: work.header };
  }
}

function eligibleCount(hint: Hint, pools: Cluster["config"]["pools"]): number {
  if (hint.queue.startsWith("engines:")) return hint.queue.split(",").length;
  const named = pools.find(({ name }) => hint.queue === `pool:${name}`);
  return named ? named.count : pools.reduce((sum, { count }) => sum + count, 0);
}

/** Writes the engine's row after a report: next lease, or idle. Reads again and decides again while others change it. */
async function moveOn(
  cluster: Cluster,
  before: Engine & { session: Session },
  message: ReportMessage,
  kept: readonly Lease[],
  claimed: NextLease | undefined,
): Promise<Moved | undefined> {
  let engine: Engine | undefined = before;
  while (engine?.session && engine.session.id === message.session && engine.session.seq === message.seq) {
    const leases = [...kept, ...engine.leases.slice(1), ...(claimed ? [claimed.lease] : [])];
    const ending = message.leaving && kept.length === 0;
    const session: Session | undefined =
      leases.length === 0
        ? undefined
        : ending
          ? newSession(cluster)
          : { ...engine.session, seq: engine.session.seq + 1 };
    const jobs = new Set(leases.map(({ job }) => job));
    const moved = await swapEngine(cluster, engine, {
      leases,
      session,
      aborting: engine.aborting.filter(({ job }) => jobs.has(job)),
      assigned: claimed ? cluster.now() : engine.assigned,
      classes: leases.length === 0 ? [] : engine.classes,
    });
    if (moved) return { engine: moved, classes: engine.classes };
    engine = await readEngine(cluster, message.engine);
  }
  await giveBack(cluster, claimed?.lease, claimed?.header);
  return undefined;
}

async function giveBack(cluster: Cluster, lease: Lease | undefined, header: JobHeader | undefined): Promise<void> {
  if (!lease || !header) return;
  const hint = returnedLease(lease, header);
  await cluster.store.write(requeueRows([{ hint }], cluster.now(), header.flags.timeoutMs));
  await place(cluster, [lease.queue]);
}

/**
 * What the engine is told. An engine that went idle reads its queues again first, now that its row says so: a submitter
 * writes its hint before it reads the engines, so one of the two sees the other.
 */
async function answer(
  cluster: Cluster,
  { engine, classes }: Moved,
  message: ReportMessage,
  goesOn: boolean,
  header: JobHeader | undefined,
): Promise<EngineAnswer> {
  if (engine.session?.id === message.session) {
    if (goesOn) return { type: "continue", seq: engine.session.seq };
    const lease = engine.leases[0];
    if (!lease) return { type: "idle" };
    const known = header?.id === lease.job ? header : undefined;
    return { type: "lease", grant: await grantFor(cluster, lease, engine.session.seq, message.have, known) };
  }
  if (engine.session) await startSession(cluster, engine, engine.session);
  else if ((await listHints(cluster, [ANY_ENGINE, ...classes], 1)).length > 0) await place(cluster, classes);
  return { type: "idle" };
}
