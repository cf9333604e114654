import { returnedLease } from "../../core/claimed-work.ts";
import { type Blame, type Engine, restAfter, type Session } from "../../core/engine.ts";
import { keptLease, type Lease } from "../../core/lease.ts";
import { followUps, type Requeued, settleLost } from "../../core/settle.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { Entry } from "../../protocol/outcome-page.ts";
import { outputRow } from "../../protocol/output-so-far.ts";
import { liveOutputKey } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { swapEngine } from "../rows/engine-rows.ts";
import { readableHeader } from "../rows/job-row.ts";
import { endedPage, putOutcomePage } from "../rows/outcome-rows.ts";
import { requeuedRows } from "../waiting/ready-again.ts";
import { settleEnded } from "../waiting/settle-ended.ts";
import type { RecoveryContext } from "./placing-context.ts";
import { verdictFacts } from "./verdict-facts.ts";

/**
 * Takes an engine's leases away: its invocation is dead, never began, or could not be made.
 *
 * The session is marked as over first: from then on nothing begins, reports or moves on, so the leases may go back to
 * the queue. Only the outcome page of the lease that it was running can still be put, by a report under way, so a page
 * is put at the same key to fence it. The engine's row is freed last: if this pass dies anywhere, the next caller does
 * the same again.
 *
 * @param reason what happened, for the EngineError
 * @param blames which tasks are to blame; ignored if the session is already being revoked
 * @returns the queues that have work again, or `undefined` if another scheduler changed the engine: read and decide
 *   again
 */
export async function revokeSession(
  cluster: RecoveryContext,
  engine: Engine & { session: Session },
  reason: string,
  blames: Blame = "lone",
): Promise<string[] | undefined> {
  const session: Session =
    engine.session.over === undefined ? { ...engine.session, over: reason, blames } : engine.session;
  const ended = engine.session.over === undefined ? await swapEngine(cluster, engine, { session }) : engine;
  if (!ended) return undefined;
  const queues = new Set(ended.queues);
  const rows = [];
  for (const [at, lease] of ended.leases.entries()) {
    const header = await readableHeader(cluster, lease.job);
    if (!header) continue;
    const isBlamed = session.blames === "all" || (at === 0 && hasRun(session));
    // Its task may be running, or reported, before the session has begun: nobody knows, so nobody is to blame.
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
  // Other work that only this engine could run will end too, and need not wait for a rest.
  const resting = session.blames === "all" && rested ? { ...rested, until: 0 } : rested;
  const life = session.nonce === undefined && !session.early ? ended.generation : ended.generation + 1;
  const freed = await swapEngine(cluster, ended, {
    session: undefined,
    leases: [],
    parked: [],
    queues: [],
    resting,
    generation: life,
  });
  if (!freed) return undefined;
  cluster.log("session-revoked", { engine: engine.id, session: session.id, seq: session.seq, reason: session.over });
  return [...queues];
}

/**
 * Whether the engine is to rest because its invocation did not begin. A lone task may have run before that, and killed
 * its engine: then there is no rest, so that waiting work is placed at once. If the function itself is broken, the
 * engine's next session fails too, and that one rests.
 */
function needsRest({ nonce, early, tries, failed, blames }: Session): boolean {
  const mayHaveRun = early === true && tries === 1 && failed === undefined;
  return nonce === undefined && !mayHaveRun && blames !== "none" && failed?.of !== "lease";
}

/** Whether the session's first lease is to blame for its end. */
function hasRun({ nonce, failed }: Session): boolean {
  return nonce !== undefined || failed?.of === "lease";
}

/**
 * Fences a lease that was running, and returns the tasks to requeue. A partial report may have put a page and died
 * before it wrote the engine's row: then what it left running is the next lease to fence.
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
      life: engine.generation,
      revoked: true,
      received: now,
      entries,
    };
    const { page } = await putOutcomePage(cluster, held, tombstone);
    await settleEnded(cluster, [endedPage(held, page)]);
    requeued.push(...followUps(held, page, header, now));
    held = page.running && page.running.length > 0 ? keptLease(held, page.running) : undefined;
  }
  return requeued;
}

/**
 * Adds to the entries what the attempts had written by their engine's last heartbeat. Those rows are read only here,
 * and only for a task that died alone.
 */
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
