import type { HighWaterMark } from "../protocol/flags.ts";
import type { ClaimedLease } from "./claimed-work.ts";
import type { Engine } from "./engine.ts";
import { firstIndex, type Lease, leaseTasks } from "./lease.ts";

/**
 * Under `hwm: 1`, an engine takes one task after another. Writing its row for each task would cost as much as writing
 * the task's outcome. So a task's outcome page may name the engine's next task instead, and the row keeps showing an
 * earlier lease. The current lease is found by following the pages from the one in the row. Each page is written only
 * once, so a revocation comes either before the next lease or after it.
 */

/** Maximum number of leases that pages name before the engine's row is written again. */
const MAX_NAMED = 50;

/**
 * Time, in milliseconds, after which the engine's row is written again: until then, changes of the row by others are
 * not noticed.
 */
const NAMED_FOR_MS = 1000;

/** Whether outcome pages may name the next leases of an engine that now has these leases. */
export function takesByPages(hwm: HighWaterMark, leases: readonly Lease[]): boolean {
  return hwm === 1 && leases.length === 1;
}

/**
 * Whether the page of the engine's current lease may name the engine's next lease.
 *
 * @param shown the engine as its row shows it
 * @param engine the engine with its current lease
 */
export function mayNameNext(shown: Engine, engine: Engine, now: number): boolean {
  const { session } = shown;
  if (!shown.linked || shown.closed || !session || session.id !== engine.session?.id) return false;
  if (engine.leases.length !== 1 || engine.parked.length > 0) return false;
  return engine.session.seq - session.seq < MAX_NAMED && now - (session.heard ?? 0) < NAMED_FOR_MS;
}

/**
 * The index of the claimed task, by which a page names the next lease; `undefined` if the page cannot name what was
 * claimed.
 */
export function nextTask(lease: Lease, claimed: readonly ClaimedLease[]): number | undefined {
  const [next, ...others] = claimed.map((one) => one.lease);
  if (!next || others.length > 0 || !isFresh(lease) || !isFresh(next)) return undefined;
  const isAlike =
    next.job === lease.job &&
    next.queue === lease.queue &&
    next.priority === lease.priority &&
    next.queued === lease.queued;
  return isAlike ? firstIndex(next) : undefined;
}

/** Whether the lease holds a single task, claimed from its job's cursor. */
function isFresh(lease: Lease): boolean {
  return leaseTasks(lease) === 1 && lease.hop === 0 && lease.ranges[0]?.attempt === 1 && !lease.alone;
}

/** The lease that a page names: the next one after `lease`. */
export function nextLeaseAfter(lease: Lease, next: number): Lease {
  return { ...lease, ranges: [{ from: next, to: next + 1, attempt: 1 }] };
}

/** The current lease of an engine, if outcome pages have named it. */
export interface NamedLease {
  /** Sequence number of the current lease. */
  seq: number;
  /** The lease's task. */
  next: number;
  /** When the lease was given, epoch milliseconds. */
  assigned: number;
}

/**
 * The engine with its current lease, computed from its row. Each lease before the current one that a page or the row
 * names had one task, so `completed` grows with the sequence number.
 */
export function withNamedLease(shown: Engine, { seq, next, assigned }: NamedLease): Engine {
  const [lease, ...others] = shown.leases;
  if (!lease || !shown.session) return shown;
  return {
    ...shown,
    leases: [nextLeaseAfter(lease, next), ...others],
    assigned,
    completed: shown.completed + seq - shown.session.seq,
    session: { ...shown.session, seq },
  };
}
