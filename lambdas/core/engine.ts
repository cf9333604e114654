import { type Lease, leaseTasks } from "./lease.ts";

/** One invocation of an engine, from the event that starts it to the report that ends it. */
export interface Session {
  /** 128 random bits, known only to the scheduler and this invocation. */
  id: string;
  /** Random, chosen by the invocation; absent until it has begun. */
  nonce?: string | undefined;
  /** Sequence number of the lease that the invocation currently holds, from 1. */
  seq: number;
  /** When the engine was last invoked for this session, epoch milliseconds. */
  invoked: number;
  /** Whether the session's first lease may run, and be reported, before the session has begun. */
  early?: true | undefined;
  /** Number of times that the engine was invoked for this session. */
  tries: number;
  /** Latest time at which the invocation ends, epoch milliseconds; set at `begin`. */
  until?: number | undefined;
  /** When the session sent its last message that the engine's row records, epoch milliseconds; set at `begin`. */
  heard?: number | undefined;
  /**
   * When the session was found to have missed a heartbeat, epoch milliseconds; absent if it has missed none, or has
   * sent a message since.
   */
  overdue?: number | undefined;
  /** Why the session's last invocation failed, if a retry would fail the same way. */
  failed?: StartFailure | undefined;
  /** Why the session is being revoked; absent otherwise. While its tasks are requeued, its messages are refused. */
  over?: string | undefined;
  /** Which tasks are to blame for the end of the session, if it is being revoked. Default `lone`. */
  blames?: Blame | undefined;
}

/** Why a session cannot start: because of its first lease, or because of the engine's function. */
export interface StartFailure {
  of: "lease" | "engine";
  reason: string;
}

/**
 * Which tasks of a lost lease are to blame for its end, and so have spent an attempt.
 *
 * - `lone`: the task of a lease with only one. In a larger lease, no task is blamed.
 * - `suspected`: for a session that fell silent, but may merely be slow: a lone task, if it was already suspected of
 *   killing its engine.
 * - `none`: none, because the environment is known to have been taken away.
 * - `all`: every task, because the session could not be started.
 */
export type Blame = "lone" | "suspected" | "none" | "all";

/** A virtual engine, as stored in its row. */
export interface Engine {
  id: number;
  pool: string;
  /** Revision, incremented by every change. Writes are conditional on it. */
  rev: number;
  /**
   * Incremented when the engine's environment dies or is taken away, and when the engine leaves its pool. Tasks that
   * ran before belong to an earlier generation.
   */
  generation: number;
  /**
   * When the engine was last assigned tasks, epoch milliseconds; 0 if never. Fractions of a millisecond order the
   * assignments of one pass.
   */
  assigned: number;
  session?: Session | undefined;
  /** The session runs the first lease; the others wait for their turn. */
  leases: Lease[];
  /**
   * Leases of one task each. Each of these tasks has started and awaits tasks that it submitted. Parked leases do not
   * count as load: otherwise there might be no engine left to run the awaited tasks.
   */
  parked: Lease[];
  /** Whether the session's outcome pages may name its next leases (see `core/next-lease`). */
  linked?: true | undefined;
  /**
   * Set after invocations that failed before they began: how many failed in a row, and the time (epoch milliseconds)
   * until which the engine gets no work.
   */
  resting?: { times: number; until: number } | undefined;
  /**
   * Tags of the row's last changes, newest last. A writer that lost the response to a write recognizes its own write by
   * its tag.
   */
  tags: string[];
  /** Queues, besides `any`, in which work may be waiting for the engine. */
  queues: string[];
  /**
   * Whether the engine was drained or removed from its pool. A closed engine finishes the tasks that it holds, and gets
   * no more.
   */
  closed?: boolean | undefined;
  /** Number of attempts that the engine has reported. */
  completed: number;
  /**
   * The engine's fence: a scheduler that read a lower fence before it claimed work must not lease that work to this
   * engine. A recall raises the fence to keep out earlier claims. Absent: 0.
   */
  fence?: number | undefined;
}

/**
 * The engine's load: the number of tasks in its leases. It is counted from the leases, not stored, so it cannot be out
 * of date.
 */
export function engineLoad(engine: Pick<Engine, "leases">): number {
  let load = 0;
  for (const lease of engine.leases) load += leaseTasks(lease);
  return load;
}

/** Makes an engine that comes first in least-recently-assigned order, as in ipyparallel. */
export function newEngine(id: number, pool: string): Engine {
  return { id, pool, generation: 0, rev: 0, assigned: 0, leases: [], parked: [], tags: [], queues: [], completed: 0 };
}

/** Comparator: least recently assigned first, then by id. */
export function byLeastRecentlyAssigned(a: Engine, b: Engine): number {
  return a.assigned - b.assigned || a.id - b.id;
}

/**
 * Decides how long an engine gets no work after an invocation that did not begin: 1 second after the first in a row,
 * twice as long after each further one, and at most 1 minute, so that a broken function is not invoked at full speed
 * forever.
 */
export function restAfter(engine: Pick<Engine, "resting">, now: number): NonNullable<Engine["resting"]> {
  const times = (engine.resting?.times ?? 0) + 1;
  return { times, until: now + Math.min(60_000, 500 * 2 ** Math.min(times, 10)) };
}
