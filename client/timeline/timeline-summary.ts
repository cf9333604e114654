import { shownTime } from "./shown-time.ts";
import type { TimelineData } from "./timeline-data.ts";

/** Counts over the whole timeline. */
export interface Summary {
  /** One line on its size. */
  line: string;
  /**
   * For each name: the number of runs, the time that they took, and how many attempts did not succeed, refusals
   * excepted.
   */
  names: { name: string; runs: number; ran: number; failed: number }[];
}

/** Summarizes a timeline. */
export function summaryOf({ columns, names, rows, span, pending, statuses }: TimelineData): Summary {
  const per = names.map((name) => ({ name, runs: 0, ran: 0, failed: 0 }));
  const counts = new Map<string, number>();
  let retries = 0;
  for (const [run, kind] of columns.kind.entries()) {
    const status = statuses[columns.status[run] ?? 0] ?? "";
    counts.set(status, (counts.get(status) ?? 0) + 1);
    if (kind === 0 && (columns.attempt[run] ?? 1) > 1) retries++;
    const own = per[columns.name[run] ?? 0];
    if (own === undefined) continue;
    own.runs += kind === 0 ? 1 : 0;
    own.ran += columns.ran[run] ?? 0;
    own.failed += status === "ok" || status === "unmet" ? 0 : 1;
  }
  const runs = per.reduce((sum, one) => sum + one.runs, 0);
  const engines = rows.filter(({ name }) => name !== "no engine").length;
  const parts = [
    `${counted(runs, "run")} on ${counted(engines, "engine")} in ${shownTime(span)}`,
    ...some(retries, retries === 1 ? "retry" : "retries"),
    ...some(counts.get("error"), "failed"),
    ...some(counts.get("lost"), "lost"),
    ...some(counts.get("timeout"), "timed out"),
    ...some(counts.get("aborted"), "aborted"),
    ...some(counts.get("unmet"), counts.get("unmet") === 1 ? "refusal" : "refusals"),
    ...some(counts.get("impossible"), "impossible"),
    ...some(pending, "not finished"),
  ];
  return { line: parts.join(", "), names: per };
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function some(count = 0, noun: string): string[] {
  return count === 0 ? [] : [`${count.toLocaleString("en")} ${noun}`];
}
