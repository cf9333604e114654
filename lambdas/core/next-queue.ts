import type { JobFlags } from "../protocol/flags.ts";
import type { EncodedError, Entry, OutcomePage } from "../protocol/outcome-page.ts";
import { impossible, type Lacking } from "./impossible.ts";
import { type EngineFacts, escalatedQueue, parseQueue, queueAfterRefusal } from "./queue-name.ts";
import { hasEligible, nextLargerPool, type Roster } from "./roster.ts";

/** The facts that decide where a task can still run. */
export interface PlaceFacts {
  engine: EngineFacts;
  flags: JobFlags;
  /** The current roster. It decides whether a refused task can still run. */
  roster: Roster;
  /** Modules known to be missing from pools, for the message of a refusal. */
  lacking?: Lacking | undefined;
}

type Reported = Pick<Entry, "status"> & { error?: EncodedError | undefined };

/**
 * The queue in which a task continues after an entry that is not final. Depends only on the lease's queue and the
 * page, so all readers get the same result.
 */
export function queueAfter(
  queue: string,
  page: Pick<OutcomePage, "engine" | "pool">,
  entry: Reported & Pick<Entry, "up">,
): string {
  const { engine: id, pool } = page;
  const isRefused = entry.status === "unmet" && id !== undefined && pool !== undefined;
  const left = isRefused ? queueAfterRefusal(queue, { id, pool }, entry.error?.module !== undefined) : queue;
  return entry.up === undefined ? left : escalatedQueue(left, entry.up);
}

/**
 * Decides what follows when an engine refuses a task: the task goes to another engine. If there is none, the task moves
 * on to a larger pool if it was escalated before, waits for a new engine if its flags say so, or ends. It never returns
 * to an engine that refused it.
 *
 * @param chars maximum length of the error's message
 */
export function verdictOnRefusal(
  queue: string,
  reported: Reported,
  { engine, flags, roster, lacking }: PlaceFacts,
  chars: number,
): Pick<Entry, "final"> & Partial<Pick<Entry, "status" | "error" | "up">> {
  const left = queueAfterRefusal(queue, engine, reported.error?.module !== undefined);
  if (hasEligible(left, roster)) return { final: false };
  const up = parseQueue(left).only && nextLargerPool((name) => escalatedQueue(left, name), engine.pool, roster);
  if (up) return { final: false, up };
  if (flags.waitForNew) return { final: false };
  const last = { engine, error: reported.error };
  const error = impossible(left, { pools: roster, memoryMb: flags.memoryMb, lacking, last }, chars);
  return { final: true, status: "impossible", error };
}

/**
 * The larger pool in which to continue an attempt that ran out of memory or time; `undefined` if the attempt failed
 * otherwise, the job does not allow escalation, or there is no larger pool.
 */
export function largerPoolFor(
  queue: string,
  reported: Reported,
  { engine, flags, roster }: PlaceFacts,
): string | undefined {
  if (!flags.escalate || (reported.error?.memory !== true && reported.error?.code !== "RunTimeout")) return undefined;
  return nextLargerPool((name) => escalatedQueue(queue, name), engine.pool, roster);
}
