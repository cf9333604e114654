import { returnedLease } from "../../core/claimed-work.ts";
import { type Blame, type Engine, restAfter, type Session } from "../../core/engine.ts";
import { keptLease, type Lease } from "../../core/lease.ts";
import { nextLeaseAfter } from "../../core/next-lease.ts";
import { followUps, type Requeued, settleLost } from "../../core/settle.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { Entry, OutcomePage } from "../../protocol/outcome-page.ts";
import { outputRow } from "../../protocol/output-so-far.ts";
import { liveOutputKey } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { swapEngine } from "../rows/engine-rows.ts";
import { followPages } from "../rows/follow-pages.ts";
import { readableHeader } from "../rows/job-row.ts";
import { endedPage, putOutcomePage } from "../rows/outcome-rows.ts";
import { requeuedRows } from "../waiting/ready-again.ts";
import { settleEnded, settlePassed } from "../waiting/settle-ended.ts";
import type { RecoveryContext } from "./placing-context.ts";
import { verdictFacts } from "./verdict-facts.ts";

/**
 * Revokes an engine's leases, because its invocation died, never began, or could not be started.
 *
 * The session's `over` is set first: from then on its messages are refused, so the leases may return to the queue. Only
 * a report in progress can still write the outcome page of the current lease. To prevent that, this call puts a page
 * under the same key. If the report was faster, the lease that its page leaves to the engine is revoked, too. The
 * engine's row is freed last, so that if this pass dies anywhere, the next caller can repeat the revocation.
 *
 * @param reason what happened, for the EngineError
 * @param blames which tasks are to blame; ignored if the session is already being revoked
 * @returns the queues that have work again; `undefined` if another scheduler changed the engine, so that the caller
 *   must read the engine and decide again
 */
export async function revokeSession(
  cluster: RecoveryContext,
  engine: Engine & { session: Session },
  reason: string,
  blames: Blame = "lone",
): Promise<string[] | undefined> {
  const session: Session =
    engine.session.over === undefined ? { ...engine.session, over: reason, blames } : engine.session;
  const shown = engine.session.over === undefined ? await swapEngine(cluster, engine, { session }) : engine;
  if (!shown) return undefined;
  const { engine: ended, passed } = await followPages(cluster, shown);
  await settlePassed(cluster, passed);
  const queues = new Set(ended.queues);
  const rows = [];
  for (const [at, lease] of ended.leases.entries()) {
    const header = await readableHeader(cluster, lease.job);
    if (!header) continue;
    const isBlamed = session.blames === "all" || (at === 0 && hasRun(session));
    // An early session's task may run, and be reported, before the session has begun. Whether it ran is not known, so
    // no task is blamed.
    const isFenced = at === 0 && session.early === true;
    const requeued: Requeued[] =
      isBlamed || isFenced
        ? await revokeLease(cluster, ended, lease, isBlamed ? session : { ...session, blames: "none" }, header)
        : [{ entry: returnedLease(lease, header) }];
    rows.push(...(await requeuedRows(cluster, header, requeued)));
    for (const { entry } of requeued) queues.add(entry.queue);
  }
  for (const lease of ended.parked) {
    const header = await readableHeader(cluster, lease.job);
    if (!header) continue;
    const requeued = await revokeLease(cluster, ended, lease, session, header);
    rows.push(...(await requeuedRows(cluster, header, requeued)));
    queues.add(lease.queue);
  }
  if (rows.length > 0) await cluster.store.write(rows);
  const rested = needsRest(session) ? restAfter(ended, cluster.now()) : ended.resting;
  // Other work that only this engine could run will end too, and need not wait for the end of a rest.
  const resting = session.blames === "all" && rested ? { ...rested, until: 0 } : rested;
  const generation = session.nonce === undefined && !session.early ? ended.generation : ended.generation + 1;
  const freed = await swapEngine(cluster, ended, {
    session: undefined,
    leases: [],
    parked: [],
    queues: [],
    resting,
    generation,
  });
  if (!freed) return undefined;
  cluster.log("session-revoked", {
    ...{ jobs: jobsOf(ended), engine: engine.id, session: session.id, lease: session.seq },
    reason: session.over,
  });
  return [...queues];
}

/** The jobs of the engine's leases. */
function jobsOf({ leases, parked }: Engine): string[] {
  return [...new Set([...leases, ...parked].map(({ job }) => job))];
}

/**
 * Whether the engine must rest because its invocation did not begin. It need not rest if its environment was taken
 * away, if the session's lease could not be sent, or if a lone task may have run early and killed it: waiting work is
 * then placed at once. If the function itself is broken, the next session that does not start early fails, too, and
 * then the engine rests.
 */
function needsRest({ nonce, early, tries, failed, blames }: Session): boolean {
  const mayHaveRun = early === true && tries === 1 && failed === undefined;
  return nonce === undefined && !mayHaveRun && blames !== "none" && failed?.of !== "lease";
}

/** Whether the session's first lease may be to blame for its end: its tasks may have run, or it could not be sent. */
function hasRun({ nonce, failed }: Session): boolean {
  return nonce !== undefined || failed?.of === "lease";
}

/**
 * Puts a tombstone for a lease that was running, and returns the tasks to requeue. A scheduler may have written the page
 * of a partial report and died before it wrote the engine's row: then the tasks that the report left running are the
 * next lease to revoke.
 */
async function revokeLease(
  cluster: RecoveryContext,
  engine: Engine,
  lease: Lease,
  { over = "", blames, failed }: Session,
  header: JobHeader,
): Promise<Requeued[]> {
  const now = cluster.now();
  const judging = await verdictFacts(cluster, engine, header, [{ status: "lost" }], now);
  const requeued: Requeued[] = [];
  for (let held: Lease | undefined = lease; held; ) {
    const lost = settleLost(held, over, judging, blames, failed ? "could not be started" : "died");
    const entries = failed ? lost : await withOutput(cluster, held, lost);
    const tombstone = {
      engine: engine.id,
      pool: engine.pool,
      generation: engine.generation,
      revoked: true,
      received: now,
      entries,
    };
    const { page } = await putOutcomePage(cluster, held, tombstone);
    await settleEnded(cluster, [endedPage(held, page)]);
    requeued.push(...followUps(held, page, header, now));
    held = leaseAfter(held, page);
  }
  return requeued;
}

/** The lease that a page leaves to its engine, although the engine's row may not show it. */
function leaseAfter(held: Lease, { running = [], next }: OutcomePage): Lease | undefined {
  if (next !== undefined) return nextLeaseAfter(held, next);
  return running.length > 0 ? keptLease(held, running) : undefined;
}

/** Adds to the entries the output that their attempts had written by the engine's last heartbeat. */
async function withOutput(cluster: StoreAccess, lease: Lease, entries: Entry[]): Promise<Entry[]> {
  const rows = await cluster.store.read(entries.map(({ index }) => liveOutputKey(lease.job, index)));
  return entries.map((entry, at) => {
    const row = rows[at];
    if (!row) return entry;
    const { attempt, stdout, stderr } = outputRow.parse(row);
    if (attempt !== entry.attempt) return entry;
    return { ...entry, ...(stdout === "" ? {} : { stdout }), ...(stderr === "" ? {} : { stderr }) };
  });
}
