import type { TimelineRun } from "./timeline-run.ts";

/** A run, and the lane of its row in which it is drawn. */
interface PlacedRun {
  run: TimelineRun;
  lane: number;
}

/** A row of a timeline: an engine, or the tasks that no engine ran. Its runs are ordered by lane, then by start. */
export interface TimelineRow {
  name: string;
  lanes: number;
  runs: PlacedRun[];
}

/**
 * Runs that overlap by no more than this many milliseconds share a lane, because stored times are rounded to
 * hundredths of a millisecond.
 */
const ROUNDING_MS = 0.02;

/**
 * Arranges runs in rows, by engine id. The runs of an engine overlap while a task waits for tasks of its own: such runs
 * are in different lanes.
 */
export function timelineRows(runs: readonly TimelineRun[]): TimelineRow[] {
  const byEngine = new Map<string, TimelineRun[]>();
  for (const run of runs) {
    const name = rowName(run);
    const known = byEngine.get(name);
    if (known) known.push(run);
    else byEngine.set(name, [run]);
  }
  return [...byEngine]
    .sort(([, [a]], [, [b]]) => order(a) - order(b))
    .map(([name, own]) => ({ name, ...inLanes(own) }));
}

function rowName({ engine, pool }: TimelineRun): string {
  if (engine === undefined) return "no engine";
  return pool === undefined ? `engine ${engine}` : `${pool} ${engine}`;
}

function order(run: TimelineRun | undefined): number {
  return run?.engine ?? Number.MAX_SAFE_INTEGER;
}

function inLanes(runs: TimelineRun[]): Pick<TimelineRow, "lanes" | "runs"> {
  runs.sort((a, b) => a.started - b.started || a.completed - b.completed);
  const ends: number[] = [];
  const placed = runs.map((run): PlacedRun => {
    if (run.kind !== "run") return { run, lane: 0 };
    const free = ends.findIndex((end) => end <= run.started + ROUNDING_MS);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = run.completed;
    return { run, lane };
  });
  // The sort is stable, so the runs of a lane stay ordered by start.
  placed.sort((a, b) => a.lane - b.lane);
  return { lanes: Math.max(1, ends.length), runs: placed };
}
