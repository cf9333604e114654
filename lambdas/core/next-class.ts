import type { JobFlags } from "../protocol/flags.ts";
import type { EncodedError, Entry, OutcomePage } from "../protocol/outcome-page.ts";
import { impossible, type Lacking } from "./impossible.ts";
import { type EngineFacts, escalatedClass, parseClass, refusedClass } from "./queue-class.ts";
import { hasEligible, nextLargerPool, type Roster } from "./roster.ts";

type Told = Pick<Entry, "status"> & { error?: EncodedError | undefined };

/** The class in which a task goes on after an entry that is not final. From the lease's class and the page alone, so that all who read it come to the same. */
export function classAfter(
  queue: string,
  page: Pick<OutcomePage, "engine" | "pool">,
  entry: Told & Pick<Entry, "up">,
): string {
  const { engine: id, pool } = page;
  const isRefused = entry.status === "unmet" && id !== undefined && pool !== undefined;
  const left = isRefused ? refusedClass(queue, { id, pool }, entry.error?.module !== undefined) : queue;
  return entry.up === undefined ? left : escalatedClass(left, entry.up);
}

/**
 * What a refusal comes to: another engine's turn, or the task's end when there is none. Never again the engine that refused.
 *
 * @param chars most characters of the error's message
 * @param lacking what pools are known to lack, for that message
 */
export function judgeRefusal(
  queue: string,
  engine: EngineFacts,
  told: Told,
  flags: JobFlags,
  roster: Roster,
  chars: number,
  lacking?: Lacking,
): Pick<Entry, "final"> & Partial<Pick<Entry, "status" | "error" | "up">> {
  const left = refusedClass(queue, engine, told.error?.module !== undefined);
  if (hasEligible(left, roster)) return { final: false };
  const up = parseClass(left).only && nextLargerPool((name) => escalatedClass(left, name), engine.pool, roster);
  if (up) return { final: false, up };
  if (flags.waitForNew) return { final: false };
  const last = { engine, error: told.error };
  const error = impossible(left, { pools: roster, memoryMb: flags.memoryMb, lacking, last }, chars);
  return { final: true, status: "impossible", error };
}

/** The larger pool in which an attempt goes on that ran out of memory or time, if the job allows it and there is one. */
export function largerPoolFor(
  queue: string,
  engine: EngineFacts,
  told: Told,
  flags: JobFlags,
  roster: Roster,
): string | undefined {
  if (!flags.escalate || (told.error?.memory !== true && told.error?.code !== "RunTimeout")) return undefined;
  return nextLargerPool((name) => escalatedClass(queue, name), engine.pool, roster);
}
