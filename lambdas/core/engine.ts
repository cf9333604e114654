import { type Lease, leaseTasks } from "./lease.ts";

/** One invocation of an engine, from the event that starts it to the report that ends it. */
export interface Session {
  /** 128 random bits: who knows it is the scheduler or the invocation. */
  id: string;
  /** Drawn by the invocation; absent until it has begun. */
  nonce?: string | undefined;
  /** Number of the lease that the invocation now holds, from 1. */
  seq: number;
  /** When it was last invoked, epoch milliseconds. */
  invoked: number;
  /** How often it was invoked without beginning. */
  tries: number;
  /** When the invocation is over at the latest, epoch milliseconds; from `begin`. */
  until?: number | undefined;
  /** When it was last heard of, as far as its row tells, epoch milliseconds; from `begin`. */
  heard?: number | undefined;
  /** Since when it has been found overdue; absent: it is not, or has been heard of since. Epoch milliseconds. */
  overdue?: number | undefined;
  /** Why its last invocation could not be made, if that would fail again. */
  failed?: StartFailure | undefined;
  /** Why it is being revoked. From then on nothing comes through the door for it, while its tasks go back. */
  over?: string | undefined;
  /** With `over`: which of its tasks are to blame. Default `lone`. */
  blames?: Blame | undefined;
}

/** Why a session cannot start: for what its first lease holds, or for want of the function that it is to run in. */
export interface StartFailure {
  of: "lease" | "engine";
  reason: string;
}

/**
 * Which tasks of a lost lease are to blame for its end, and have spent an attempt: the `lone` one, while several are innocent until one is
 * alone; of a session that only fell silent the lone one that was `suspected` before, as it may merely have been slow; `none`
 * where the environment is known to have been taken away; `all` where it could not be started.
 */
export type Blame = "lone" | "suspected" | "none" | "all";

/** A virtual engine: what its row holds. */
export interface Engine {
  id: number;
  pool: string;
  /** Raised by every change: changes are conditional on it. */
  rev: number;
  /** Raised when its environment died or it was taken away: what ran on it ran in another life. */
  life: number;
  /** When it was last assigned tasks, epoch milliseconds with a fraction to order one pass's assignments; 0: never. */
  assigned: number;
  session?: Session | undefined;
  /** The first is the one that the session runs; the others wait here for their turn. */
  leases: Lease[];
  /** Leases of one task each that has started and waits for tasks of its own. They do not count as load, or nobody might be left to run those. */
  parked: Lease[];
  /** After invocations that failed before they began: how many in a row, and until when it is given nothing. */
  resting?: { times: number; until: number } | undefined;
  /** Tags of its last changes, newest last: a writer whose answer was lost knows its own by it. */
  tags: string[];
  /** Queue classes besides `any` in which work may wait for it. */
  classes: string[];
  /** Claims that it is given nothing more: drained, or taken out of its pool. What it holds it finishes. */
  closed?: boolean | undefined;
  /** Attempts that it has told of. */
  completed: number;
  /** Raised to keep work out that was claimed before: who knew the engine at a lower one when it claimed may not lease here. Absent: 0. */
  fence?: number | undefined;
}

/** The engine's load: derived from its leases, so it cannot drift. */
export function engineLoad(engine: Pick<Engine, "leases">): number {
  let load = 0;
  for (const lease of engine.leases) load += leaseTasks(lease);
  return load;
}

/** A new engine, first in the order of least recent assignment, as in ipyparallel. */
export function newEngine(id: number, pool: string): Engine {
  return { id, pool, life: 0, rev: 0, assigned: 0, leases: [], parked: [], tags: [], classes: [], completed: 0 };
}

/** Least recently assigned first. */
export function byLeastRecentlyAssigned(a: Engine, b: Engine): number {
  return a.assigned - b.assigned || a.id - b.id;
}

/** Rest after invocations that did not begin: grows from a second to a minute, so that a broken function cannot start for ever at full speed. */
export function restAfter(engine: Pick<Engine, "resting">, now: number): NonNullable<Engine["resting"]> {
  const times = (engine.resting?.times ?? 0) + 1;
  return { times, until: now + Math.min(60_000, 500 * 2 ** Math.min(times, 10)) };
}
