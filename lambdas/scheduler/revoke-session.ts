import type { Engine, Session } from "../core/engine.ts";
import { followUps, type Requeued, settleLost } from "../core/settle.ts";
import type { JobHeader } from "../protocol/scheduler-messages.ts";
import { returnedLease } from "./claim-work.ts";
import type { Cluster } from "./cluster.ts";
import { swapEngine } from "./engine-rows.ts";
import { requeueRows } from "./hint-rows.ts";
import { deadlineOf, jobHeader } from "./jobs.ts";
import { putOutcomePage } from "./outcomes.ts";

/**
 * Takes an engine's leases away: its invocation is dead, or never began.
 *
 * The lease that it was running is fenced by a page at its key, for which a report that wakes up late would race; what the
 * page does not tell of goes back to the queue. Leases that it had not been handed go back as they are. The engine's
 * row is written last, so dying here leaves it to the next caller, who comes to the same.
 *
 * @param reason what happened, for the EngineError
 * @returns the queue classes that have work again, or `undefined` when somebody else changed the engine: read and decide again
 */
export async function revokeSession(
  cluster: Cluster,
  engine: Engine & { session: Session },
  reason: string,
): Promise<string[] | undefined> {
  const now = cluster.now();
  const requeued: Requeued[] = [];
  const timeouts = new Map<string, number | undefined>();
  for (const [at, lease] of engine.leases.entries()) {
    const header: JobHeader | undefined = await jobHeader(cluster, lease.job);
    if (!header) continue;
    timeouts.set(lease.job, header.flags.timeoutMs);
    if (at > 0 || engine.session.nonce === undefined) {
      requeued.push({ hint: returnedLease(lease, header) });
      continue;
    }
    const entries = settleLost(lease, engine, reason, header.flags, now, cluster.random);
    for (const entry of entries)
      if (entry.due !== undefined) entry.due = Math.min(entry.due, deadlineOf(header) ?? entry.due);
    const page = { engine: engine.id, pool: engine.pool, revoked: true, received: now, entries };
    const standing = await putOutcomePage(cluster, lease, page);
    requeued.push(...followUps(lease, standing.page, [], header, now));
  }
  const rows = requeued.flatMap((one) => requeueRows([one], now, timeouts.get(one.hint.job)));
  if (rows.length > 0) await cluster.store.write(rows);
  const freed = await swapEngine(cluster, engine, { session: undefined, leases: [], aborting: [], classes: [] });
  if (!freed) return undefined;
  cluster.log("session-revoked", { engine: engine.id, session: engine.session.id, seq: engine.session.seq, reason });
  return [...new Set([...requeued.map(({ hint }) => hint.queue), ...engine.classes])];
}
