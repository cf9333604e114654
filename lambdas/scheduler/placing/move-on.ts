import type { ClaimedLease } from "../../core/claimed-work.ts";
import type { Engine, Session } from "../../core/engine.ts";
import { joinedLease, type Lease } from "../../core/lease.ts";
import { takesByPages } from "../../core/next-lease.ts";
import { heardSession } from "../../core/silence.ts";
import type { ReportMessage } from "../../protocol/report-messages.ts";
import { readEngine, swapEngine } from "../rows/engine-rows.ts";
import { followPages } from "../rows/follow-pages.ts";
import { type EngineInSession, earlySession } from "../rows/held-session.ts";
import { fitting, giveBack } from "./fit-claimed.ts";
import type { PlacingContext } from "./placing-context.ts";
import { newSession } from "./start-session.ts";

/** The leases that a report leaves to its engine. */
interface Leaving {
  /** The tasks of the lease that are still running. */
  running: Lease | undefined;
  /** Claimed tasks to add to `running`. */
  ahead: ClaimedLease | undefined;
  /** Leases claimed to run after the engine's others. */
  claimed: readonly ClaimedLease[];
}

/** The engine after and before its row was written, and the claimed leases that it got. */
export interface Moved {
  engine: Engine;
  before: Engine;
  given: readonly ClaimedLease[];
  ahead: ClaimedLease | undefined;
}

/**
 * Writes the engine's row after a report: with its next lease, or idle. If others change the row meanwhile, reads it
 * and decides again.
 *
 * Claimed leases return to the queue if they no longer fit, because another scheduler gave the engine work meanwhile.
 * They also return if the engine's fence was raised since the claims: their tasks may have been considered lost, and
 * queued again.
 *
 * @param remembered the engine as known before the claims
 * @returns `undefined` if the session is over or has moved on; all claimed leases have then returned to the queue
 */
export async function moveOn(
  cluster: PlacingContext,
  remembered: EngineInSession,
  message: ReportMessage,
  { running, ahead, claimed }: Leaving,
): Promise<Moved | undefined> {
  let before: EngineInSession | undefined = remembered;
  while (before) {
    const isFenced = before.fence !== remembered.fence;
    const joining = isFenced || !running ? undefined : ahead;
    const kept = running ? [joining ? joinedLease(running, joining.lease) : running] : [];
    const held = [...kept, ...before.leases.slice(1)];
    const { given, surplus } = isFenced ? { given: [], surplus: claimed } : fitting(cluster, before, held, claimed);
    const leases = [...held, ...given.map(({ lease }) => lease)];
    // With parked tasks, the invocation continues until its end.
    const isEnding = message.leaving && kept.length === 0 && before.parked.length === 0;
    const next = isEnding
      ? newSession(cluster)
      : heardSession({ ...before.session, seq: before.session.seq + 1 }, cluster.now());
    const engine = await swapEngine(cluster, before, {
      leases,
      session: leases.length === 0 && before.parked.length === 0 ? undefined : next,
      assigned: given.length > 0 ? cluster.now() : before.assigned,
      queues: leases.length === 0 && before.parked.length === 0 ? [] : before.queues,
      resting: message.leaving && before.parked.length > 0 ? restToEnd(before.session) : before.resting,
      linked: takesByPages(cluster.config.hwm, leases) ? true : undefined,
      completed: before.completed + message.entries.filter(({ status }) => status !== "unmet").length,
    });
    if (engine) {
      await giveBack(cluster, [...surplus, ...(ahead && !joining ? [ahead] : [])]);
      return { engine, before, given, ahead: joining };
    }
    const read = await readEngine(cluster, message.engine);
    before = earlySession(cluster, read && (await followPages(cluster, read)).engine, message);
  }
  await giveBack(cluster, [...claimed, ...(ahead ? [ahead] : [])]);
  return undefined;
}

/**
 * A rest until the end of the invocation, for an engine that continues only for its parked tasks: new work would not
 * have enough time.
 */
export function restToEnd(session: Session): NonNullable<Engine["resting"]> {
  return { times: 0, until: session.until ?? 0 };
}
