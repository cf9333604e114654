import type { JobFlags } from "../protocol/flags.ts";
import { countIndexes, idsText } from "../protocol/index-ranges.ts";
import type { EncodedError, Entry, OutcomePage } from "../protocol/outcome-page.ts";
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
 */
export function judgeRefusal(
  queue: string,
  engine: EngineFacts,
  told: Told,
  flags: JobFlags,
  roster: Roster,
  chars: number,
): Pick<Entry, "final"> & Partial<Pick<Entry, "status" | "error" | "up">> {
  const left = refusedClass(queue, engine, told.error?.module !== undefined);
  if (hasEligible(left, roster)) return { final: false };
  const up = parseClass(left).only && nextLargerPool((name) => escalatedClass(left, name), engine.pool, roster);
  if (up) return { final: false, up };
  if (flags.waitForNew) return { final: false };
  const reason = `${told.error?.evalue ?? "unmet"} (engine ${engine.id})`;
  return { final: true, status: "impossible", error: impossible(left, reason, chars) };
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

/**
 * The end of a task that no engine may run: names those that are ruled out.
 *
 * @param last what the last of them said
 * @param chars most characters of the message
 */
export function impossible(queue: string, last?: string, chars = 2000): EncodedError {
  const { base, but, not, only } = parseClass(queue);
  const among = base.startsWith("engines:") ? ` among the targets ${base.slice("engines:".length)}` : "";
  const what = [
    ...(but.length > 0 ? [`refused by engine${countIndexes(but) > 1 ? "s" : ""} ${idsText(but)}`] : []),
    ...(not.length > 0 ? [`not for pool${not.length > 1 ? "s" : ""} ${not.join(", ")}`] : []),
    ...(only === undefined ? [] : [`to go on in pool ${only}`]),
  ];
  const target = base.startsWith("pool:") ? ` in pool ${base.slice("pool:".length)}` : among;
  const reason = `no engine${target} is left that may run it${what.length > 0 ? `: ${what.join("; ")}` : ""}${last ? `; last: ${last}` : ""}`;
  return { code: "ImpossibleDependency", ename: "ImpossibleDependency", evalue: reason.slice(0, chars) };
}
