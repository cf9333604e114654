import { PHASES, phasesIn } from "./run-phases.ts";
import { shownTime } from "./shown-time.ts";
import type { TimelineData } from "./timeline-data.ts";

/** A fact about a run, as a name and its text. */
export type Detail = [name: string, text: string];

const MEANING: Record<string, string> = {
  ok: "succeeded",
  error: "failed",
  lost: "lost: its engine died",
  timeout: "timed out",
  aborted: "aborted",
  unmet: "refused by the engine",
  impossible: "can never start",
};

/** What a status means, in words. */
export function meaningOf(status: string): string {
  return MEANING[status] ?? status;
}

/** The status of a run, by its name. */
export function statusOf({ statuses, columns }: TimelineData, run: number): string {
  return statuses[columns.status[run] ?? 0] ?? "";
}

/** Describes a run as a list of facts. */
export function runDetails(data: TimelineData, run: number): Detail[] {
  const { row, kind, job, task, attempt, name, error, queued, start, ran, reported } = data.columns;
  const at = start[run] ?? 0;
  const waited = at - (queued[run] ?? at);
  const text = data.errors[error[run] ?? 0];
  const isRun = kind[run] === 0;
  const again = attempt[run] === 1 ? "" : `, attempt ${attempt[run]}`;
  return [
    ["name", data.names[name[run] ?? 0] ?? ""],
    ["status", meaningOf(statusOf(data, run)) + again],
    ["engine", data.rows[row[run] ?? 0]?.name ?? ""],
    ["waited", shownTime(waited)],
    [isRun ? "started at" : "at", shownTime(at)],
    ...(isRun ? ([["ran", shownTime(ran[run] ?? 0)]] satisfies Detail[]) : []),
    ...PHASES.flatMap((phase, at): Detail[] => {
      const own = phasesIn(data.phases, run).filter((one) => one.phase === at);
      return own.length === 0 ? [] : [[phase, shownTime(own.reduce((sum, { lasted }) => sum + lasted, 0))]];
    }),
    ...(isRun ? ([["reported in", shownTime(reported[run] ?? 0)]] satisfies Detail[]) : []),
    ["task", `${data.jobs[job[run] ?? 0]}.${task[run]}`],
    ...(text ? ([["error", text]] satisfies Detail[]) : []),
  ];
}
