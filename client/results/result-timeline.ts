import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import type { EntryStatus } from "../../lambdas/protocol/outcome-page.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import { timelineFile } from "../timeline/timeline-format.ts";
import type { TimelineWriter } from "../timeline/timeline-writer.ts";
import { collectTimeline } from "./collect-timeline.ts";

/** One attempt of a task as a bar in a chart: `engineId` is the row, `start` and `end` the extent. */
export interface TimelineBar {
  /** The task's id. */
  taskId: string;
  /** Number of the attempt, counted from 1. */
  attempt: number;
  /** The engine that ran the attempt. */
  engineId: number | undefined;
  /** Name of the engine's pool. */
  enginePool: string | undefined;
  /** When the attempt started, by the engine's clock. */
  start: Date;
  /** When the attempt ended, by the engine's clock. */
  end: Date;
  /** How the attempt ended. */
  status: EntryStatus;
}

/** All attempts that have ended, ordered by start. Tasks that never started have no bar. */
function barsOf(parts: readonly ResultPart[]): TimelineBar[] {
  const bars: TimelineBar[] = [];
  for (const { outcomes, from, to } of parts)
    for (let task = from; task < to; task++)
      for (const { attempt, engine, pool, started, completed, status } of outcomes.attempts(task)) {
        if (started === undefined || completed === undefined) continue;
        const extent = { start: new Date(started), end: new Date(completed) };
        const id = taskId(outcomes.job, task);
        bars.push({ taskId: id, attempt, engineId: engine, enginePool: pool, ...extent, status });
      }
  return bars.sort((a, b) => a.start.getTime() - b.start.getTime());
}

/** The parts of a client that a timeline needs. */
export interface TimelinePorts {
  cloud: Pick<CloudPort, "listRows">;
  /** Absent inside a task, which has no lasting files and may not read the names of functions. */
  writeTimeline: TimelineWriter | undefined;
}

/**
 * Returns the timeline of tasks and writes it to a file if one is named. The file's name is checked before `read` is
 * called for the tasks.
 *
 * @throws InvalidFlag for a file that cannot be written; FantailError for a file inside a task
 */
export async function timeline(
  { cloud, writeTimeline }: TimelinePorts,
  file: string | undefined,
  read: () => Promise<readonly ResultPart[]>,
): Promise<TimelineBar[]> {
  if (file === undefined) return barsOf(await read());
  const target = timelineFile(file);
  if (!writeTimeline)
    throw new FantailError("a task cannot write a timeline: call timeline() without a file, or outside the task");
  const parts = await read();
  await writeTimeline(target, await collectTimeline(cloud, parts));
  return barsOf(parts);
}
