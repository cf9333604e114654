import type { CloudPort } from "../cluster/cloud-port.ts";
import { isRefusal } from "../outcomes/attempt-kind.ts";
import type { AttemptRecord } from "../outcomes/attempt-record.ts";
import { functionNames } from "../outcomes/function-names.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import type { Timeline, TimelineRun } from "../timeline/timeline-run.ts";

/**
 * Collects what a timeline shows of tasks: every attempt and refusal so far. Reads the names of the functions of tasks
 * that have no label.
 */
export async function collectTimeline(
  cloud: Pick<CloudPort, "listRows">,
  parts: readonly ResultPart[],
): Promise<Timeline> {
  const unlabeled = [...new Set(parts.map(({ outcomes }) => outcomes))].filter(({ header }) => !header?.label);
  const names = new Map(
    await Promise.all(unlabeled.map(async (one) => [one, await functionNames(cloud, one)] as const)),
  );
  const runs: TimelineRun[] = [];
  const seen = new Map<JobOutcomes, Set<number>>();
  let pending = 0;
  for (const { outcomes, from, to } of parts) {
    const known = seen.get(outcomes) ?? new Set();
    seen.set(outcomes, known);
    for (let task = from; task < to; task++) {
      if (known.has(task)) continue;
      known.add(task);
      if (!outcomes.isFinal(task)) pending++;
      const name = outcomes.header?.label || names.get(outcomes)?.(task) || "anonymous";
      addRuns(runs, outcomes, task, name);
    }
  }
  return { runs, pending };
}

function addRuns(runs: TimelineRun[], outcomes: JobOutcomes, task: number, name: string): void {
  let queued = outcomes.header?.submitted;
  for (const record of outcomes.attempts(task).sort((a, b) => a.attempt - b.attempt || a.received - b.received)) {
    const { attempt, status, engine, pool, received, phases = {} } = record;
    queued ??= record.started ?? received;
    const about = { job: outcomes.job, task, attempt, status, name, engine, pool, queued, received };
    runs.push({ ...about, ...extentOf(record), phases, error: errorLine(record) });
    queued = received;
  }
}

function extentOf(record: AttemptRecord): Pick<TimelineRun, "kind" | "started" | "completed"> {
  const { started, completed, received } = record;
  if (isRefusal(record)) return { kind: "refusal", started: received, completed: received };
  if (started === undefined || completed === undefined) return { kind: "end", started: received, completed: received };
  return { kind: "run", started, completed };
}

function errorLine({ error }: AttemptRecord): string | undefined {
  if (error === undefined) return undefined;
  return error.ename === error.code ? error.evalue : `${error.ename}: ${error.evalue}`;
}
